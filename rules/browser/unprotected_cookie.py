"""
A cookie that says who somebody is can be read on the way, or by a script.

Without `Secure` the browser sends it over plain HTTP too: one picture with an `http://` address on any page is enough
for whoever shares the network to have the session. Without `HttpOnly` every script of the page reads it, also one that
came in through a comment or a package; it is then used from elsewhere, long after the hole is closed.

Set both wherever a cookie holds a session or a token (`secure=True, httponly=True, samesite="lax"`), with
`SESSION_COOKIE_SECURE = True` in Django and Flask and `https_only=True` in Starlette. Browsers take `Secure` cookies
from `http://localhost` too, so that development needs no exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    Confidence, Known, Node, Option, Project, Rule, SettingOption, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="unprotected-cookie",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=614,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI, Response

        app = FastAPI()

        @app.post("/login")
        def login(response: Response):
            response.set_cookie("session", "…" + new_session())
    """,
    good="""
        from fastapi import FastAPI, Response

        app = FastAPI()

        @app.post("/login")
        def login(response: Response):
            response.set_cookie("session", "…" + new_session(), secure=True, httponly=True)
    """,
)
_WHO = re.compile(r"(?i)sess|token|auth|jwt|(?:^|[_-])sid$|remember|login|credential|api_?key|ticket")
_FOR_SCRIPTS = re.compile(r"(?i)csrf|xsrf|state|nonce|redirect|next|return|expir|flash|locale|lang|theme|consent")
_FLAGS = {"cookie-secure": "Secure", "cookie-httponly": "HttpOnly"}
_SETTINGS = ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "JWT_COOKIE_SECURE")


def detect(project: Project) -> Iterator[Suspicion]:
    names = _names(project)
    constant = {o.argument.call.at for o in project.options("cookie-value") if isinstance(o.items, Known)}
    options = project.options(*_FLAGS)
    said: set[tuple[object, ...]] = set()  # the defaults that are the cause of several
    for at, same in groupby(options, key=lambda o: o.argument.call.at):
        flags = list(same)
        call, name = flags[0].argument.call, names.get(at, "")
        middleware = call.name.endswith("Middleware")
        if at in constant or not (middleware or (_WHO.search(name) and not _FOR_SCRIPTS.search(name))):
            continue
        missing = [option for option in flags if _is_off(option)]
        cause = tuple(option.items.at for option in missing if option.soft and isinstance(option.items, Known))
        if missing and (not cause or cause not in said):
            said.add(cause)
            lacks = " and ".join(_FLAGS[option.argument.role] for option in missing)
            default = " unless the environment says otherwise" if any(o.soft for o in missing) else ""
            doubtful = not call.sure or call.main_guard or any(o.argument.switched for o in missing)
            soft = default or (middleware and not missing[0].argument.given)
            confidence = Confidence.LOW if doubtful else Confidence.MEDIUM if soft else None
            message = f"cookie `{name}` goes out without {lacks}{default}"
            yield Suspicion(RULE.id, at, message, "", confidence=confidence)
    yield from _of_settings(project)


def _names(project: Project) -> dict[object, str]:
    """What each cookie is called, or where its name is from: "session", "settings.session_cookie_name"."""
    found: dict[object, str] = {}
    for derivation in project.derivations("cookie-name"):
        written = (part.written for part in derivation.parts if part.written)
        found[derivation.argument.call.at] = next(written, "")
    for option in project.options("cookie-name"):
        if isinstance(option.items, Known) and option.items.value:
            found[option.argument.call.at] = str(option.items.value[0])
    return found


def _is_off(option: Option) -> bool:
    return isinstance(option.items, Known) and option.items.value in ((False,), ())


def _of_settings(project: Project) -> Iterator[Suspicion]:
    """What a settings module switches off, or leaves at the default of Django, which is off."""
    for name in _SETTINGS:
        for option in project.setting_options(name):
            if _loaded(option) and isinstance(option.items, Known) and option.items.value == (False,):
                sure = option.setting.production == Known(True) and not option.soft
                message = f"`{name}` is off" + (" unless the environment says otherwise" if option.soft else "")
                node = Node.CALL if option.setting.called else Node.ASSIGNMENT
                confidence = None if sure else Confidence.MEDIUM
                yield Suspicion(RULE.id, option.setting.at, message, name, node=node, confidence=confidence)
    for unset in project.unset("SESSION_COOKIE_SECURE"):
        if isinstance(unset.installed, Known) and "django.contrib.sessions" in unset.installed.value:
            message = "session cookies go out without Secure: no settings set `SESSION_COOKIE_SECURE`"
            yield Suspicion(
                RULE.id, unset.at, message, "SESSION_COOKIE_SECURE", node=Node.ASSIGNMENT,
                confidence=None if unset.sure else Confidence.MEDIUM,
            )  # fmt: skip


def _loaded(option: SettingOption) -> bool:
    return option.setting.production != Known(False) and option.setting.overridden is None
