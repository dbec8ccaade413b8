"""
The backend answers under any name that a client writes into `Host`.

Links in mails, redirects and absolute URLs are made with that header. Whoever asks for somebody else's password reset
with a `Host` of his own has the mail point at his server, and the token in it arrives there with one click; a cache in
front serves the page with his links to everybody.

List the names under which the service is reached: `ALLOWED_HOSTS = ["shop.example.com"]`, read from the environment
without a fallback where it differs between installations. Only where a proxy refuses every other name is `*` harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged, Unknown

RULE = Rule(
    id="any-host-allowed",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=644,
    standard=Standard.SECURITY,
    node=Node.ASSIGNMENT,
    since="0.1",
    bad={
        "shop/settings.py": """
            INSTALLED_APPS = ["django.contrib.auth"]
            ROOT_URLCONF = "shop.urls"
            ALLOWED_HOSTS = ["*"]
        """
    },
    good={
        "shop/settings.py": """
            INSTALLED_APPS = ["django.contrib.auth"]
            ROOT_URLCONF = "shop.urls"
            ALLOWED_HOSTS = ["shop.example.com"]
        """
    },
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for option in project.setting_options("ALLOWED_HOSTS"):
        setting, items = option.setting, option.items
        if setting.framework != "django" or setting.production == Known(False) or setting.overridden is not None:
            continue
        if isinstance(items, Unknown):
            yield Unjudged(RULE.id, items.why, setting.at)
        elif "*" in items.value:
            where = " unless the environment says otherwise" if option.soft else ""
            message = f"`ALLOWED_HOSTS` lets clients choose the host{where}"
            confidence = None if setting.production == Known(True) and not option.soft else Confidence.MEDIUM
            yield Suspicion(RULE.id, setting.at, message, "ALLOWED_HOSTS", confidence=confidence)
    for given in project.options("allowed-hosts"):
        call = given.argument.call
        if isinstance(given.items, Known) and "*" in given.items.value:
            message = f"`{call.name.rpartition('.')[2]}` lets every host through"
            confidence = Confidence.MEDIUM if given.soft or not call.sure else None
            yield Suspicion(RULE.id, call.at, message, "", node=Node.CALL, confidence=confidence)
