"""
A page of another site can act in the name of whoever is logged in.

The browser sends the session's cookie along with a form that any page posts. Without a token in the form nobody can
tell it from one of ours: opening a link is enough to change a mail address, move money, or make an administrator.

Keep Django's `CsrfViewMiddleware` (or Flask-WTF's `CSRFProtect`) on, and exempt only what no cookie opens: webhooks
with a signature, and interfaces that take a token in a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Endpoint, Known, Node, Project, Purpose, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="csrf-protection-off",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=352,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    since="0.1",
    bad={
        "shop/settings.py": """
            ROOT_URLCONF = "shop.urls"
            INSTALLED_APPS = ["django.contrib.auth", "django.contrib.sessions"]
            MIDDLEWARE = [
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
            ]
        """
    },
    good={
        "shop/settings.py": """
            ROOT_URLCONF = "shop.urls"
            INSTALLED_APPS = ["django.contrib.auth", "django.contrib.sessions"]
            MIDDLEWARE = [
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
            ]
        """
    },
)
_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
# What knows a client by the session's cookie.
_BY_SESSION = re.compile(
    r"login_required|LoginRequired|SessionAuthentication|permission_required|PermissionRequired|user_passes_test|"
    r"UserPassesTest|staff_member_required|roles_required|flask_login"
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def detect(project: Project) -> Iterator[Suspicion]:
    checked = bool(project.written_texts(r"[Cc]srf\w*Middleware|CSRF\w*Middleware"))
    for option in project.setting_options("MIDDLEWARE"):
        setting, items = option.setting, option.items
        live = setting.production != Known(False) and setting.overridden is None
        if live and isinstance(items, Known) and _SESSIONS in items.value and not checked:
            message = "`MIDDLEWARE` has sessions and no `CsrfViewMiddleware`"
            yield Suspicion(RULE.id, setting.at, message, "MIDDLEWARE", node=Node.ASSIGNMENT)
    for option in project.setting_options("WTF_CSRF_ENABLED"):
        setting, items = option.setting, option.items
        if setting.production != Known(False) and isinstance(items, Known) and items.value == (False,):
            node = Node.CALL if setting.called else Node.ASSIGNMENT
            soft = " unless the environment says otherwise" if option.soft else ""
            message = f"`WTF_CSRF_ENABLED` is off{soft}"
            yield Suspicion(RULE.id, setting.at, message, setting.name, node=node, confidence=Confidence.MEDIUM)
    exempt = {step.at: step.message for step in project.decorated("csrf-exempt")}
    seen = set()
    for endpoint in project.endpoints():
        at = endpoint.handler_at
        # A view for any method that comes to nothing outside of the process has nothing to change.
        acts = "*" not in endpoint.methods or project.reached(endpoint)
        if at in exempt and at not in seen and acts and (by := _by_session(endpoint)):
            seen.add(at)
            message = f"`{exempt[at].rpartition('.')[2]}` on a handler that knows clients by their session (`{by}`)"
            yield Suspicion(RULE.id, at, message, "")


def _by_session(endpoint: Endpoint) -> str:
    """What knows the client by a cookie alone; "" where something else may, or where nothing changes."""
    guards = endpoint.authentication
    if endpoint.purpose is Purpose.WEBHOOK or _SAFE.issuperset(endpoint.methods) or not isinstance(guards, Known):
        return ""
    names = [protection.what for protection in guards.value]
    sessions = [name for name in names if _BY_SESSION.search(name)]
    return sessions[0].rpartition(".")[2] if sessions and len(sessions) == len(names) else ""
