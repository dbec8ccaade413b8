"""
Pages of any site may read the answers, with the visitor's cookies.

A browser keeps one site's pages from reading another site's answers; cross-origin headers are what lifts that. With
`*` and credentials together, Starlette, Flask-CORS and django-cors-headers name whichever origin asks, so that a page
that a logged-in user happens to open reads and changes everything that this user may. A pattern that matches more than
was meant (`.*`, a dot without backslash, no `$` where only the beginning is compared) does the same.

List the origins of your own front ends, exactly: `allow_origins=["https://app.example.com"]`. Where everybody may read,
as with a public API, leave credentials off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, CrossOrigin, Known, Node, Project, Rule, SettingOption, Severity, Standard, Suspicion, Unjudged,
    Unknown
)  # fmt: skip

RULE = Rule(
    id="cors-any-origin",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=942,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI
        from fastapi.middleware.cors import CORSMiddleware

        app = FastAPI()
        app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
    """,
    good="""
        from fastapi import FastAPI
        from fastapi.middleware.cors import CORSMiddleware

        app = FastAPI()
        app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], allow_credentials=True)
    """,
)
_ALL = re.compile(r"\^?(?:https?\??)?(?:\(\?:https\?\)|\\?:)?(?:/|\\/)*\(?(?:\?:)?(?:\.[*+]\??|\[\^/\][*+])\)?\$?|\*")
_DOT = re.compile(r"(?<![\\])(?<=[A-Za-z0-9-])\.(?=[A-Za-z])")  # before a number: nobody can register that
_OPEN_END = re.compile(r"(?:[A-Za-z0-9]|\.\*|\)|\?)$")
_EVERYBODY = ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
_PATTERNS = ("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for policy in project.cross_origins():
        origins, soft = policy.origins, policy.soft
        configured = project.setting_options("CORS_ORIGINS") if policy.name.startswith("flask_cors") else ()
        if policy.by_default and configured:
            origins, soft = next((o.items for o in configured if isinstance(o.items, Known)), origins), True
        unknown = next((items for items in (origins, policy.patterns) if isinstance(items, Unknown)), None)
        if isinstance(origins, Known) and isinstance(policy.patterns, Known):
            what = _anybody(origins.value) or _loose(policy.patterns.value, policy.anchored)
            if what:
                yield _judged(policy, what, soft)
        elif unknown is not None and not (isinstance(policy.credentials, Known) and not policy.credentials.value):
            yield Unjudged(RULE.id, unknown.why, policy.at)
    yield from _of_django(project)


def _judged(policy: CrossOrigin, what: str, soft: bool) -> Suspicion:
    with_cookies = isinstance(policy.credentials, Known) and policy.credentials.value
    message = f"`{policy.name.rpartition('.')[2]}` lets {what} read answers"
    message += " that cookies were sent for" if with_cookies else ""
    message += ", unless the environment says otherwise" if soft else ""
    if not with_cookies or not policy.sure:
        return Suspicion(RULE.id, policy.at, message, "", severity=Severity.LOW, confidence=Confidence.LOW)
    return Suspicion(RULE.id, policy.at, message, "", confidence=Confidence.MEDIUM if soft else None)


def _of_django(project: Project) -> Iterator[Suspicion]:
    """The settings of django-cors-headers."""
    credentials = [s for s in project.setting_options("CORS_ALLOW_CREDENTIALS") if _holds(s)]
    for name in (*_EVERYBODY, *_PATTERNS):
        for option in project.setting_options(name):
            items = option.items.value if isinstance(option.items, Known) and _holds(option) else ()
            what = "any origin" if name in _EVERYBODY and items else _loose(items, False) if items else ""
            if not what:
                continue
            message = f"`{name}` lets {what} read answers"
            low = not credentials or option.setting.production == Known(False)
            soft = option.soft or any(s.soft for s in credentials)
            sure = Confidence.LOW if low else Confidence.MEDIUM if soft else None
            yield Suspicion(
                RULE.id, option.setting.at, message + ("" if low else " that cookies were sent for"), name,
                node=Node.ASSIGNMENT, confidence=sure, severity=Severity.LOW if low else None,
            )  # fmt: skip


def _holds(option: SettingOption) -> bool:
    """Whether a setting is on, as far as production is concerned."""
    live = option.setting.production != Known(False) and option.setting.overridden is None
    return live and isinstance(option.items, Known) and any(item for item in option.items.value)


def _anybody(origins: tuple[object, ...]) -> str:
    if "*" in origins:
        return "any origin"
    return "the origin `null`, which any page can have," if "null" in origins else ""


def _loose(patterns: tuple[object, ...], anchored: bool) -> str:
    """Who may match one of some regular expressions without being meant."""
    for pattern in (p for p in patterns if isinstance(p, str) and p):
        if _ALL.fullmatch(pattern):
            return "any origin"
        if _DOT.search(pattern):
            return f"whoever registers a name that `{pattern}` matches by its bare dot"
        if not anchored and _OPEN_END.search(pattern):
            return f"whoever puts a domain behind what `{pattern}` matches"
    return ""
