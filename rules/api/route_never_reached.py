"""
A route stands behind another one that answers its requests.

Most frameworks take the first route that fits. `/users/{user_id}` before `/users/me` answers for both: "me" is taken
for an id, the client gets a 422 or somebody else's data, and the handler that was written for it never runs. The same
path twice is worse, since both handlers look alive: the fix goes into the one that nothing calls.

Put the literal path before the one with a parameter, let the parameter say what fits (`{user_id:int}`,
`<int:user_id>`), or take the dead route away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import App, Confidence, Endpoint, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="route-never-reached",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=561,
    standard=Standard.API_DESIGN,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/users/{user_id}")
        def user(user_id: str): ...

        @app.get("/users/me")
        def me(): ...
    """,
    good="""
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/users/me")
        def me(): ...

        @app.get("/users/{user_id}")
        def user(user_id: str): ...
    """,
)
_FIRST_FITS = frozenset({"fastapi", "starlette", "django"})  # others prefer the more exact one
_FIRST_STAYS = _FIRST_FITS | {"flask", "quart"}  # of two equal ones
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}|<(?:(\w+)(?:\([^>]*\))?:)?(\w+)>")
_FITS = {"int": r"\d+", "float": r"[\d.]+", "uuid": r"[\da-fA-F-]{36}", "path": ".+", "slug": r"[-\w]+", "str": "[^/]+"}


def detect(project: Project) -> Iterator[Suspicion]:
    for app in project.apps():
        yield from _twice(app)
        yield from _behind(app)


def _twice(app: App) -> Iterator[Suspicion]:
    """The same method and path from two places: the first one stays."""
    seen: dict[tuple[str, str], Endpoint] = {}
    for endpoint in sorted((e for e in app.endpoints if e.framework in _FIRST_STAYS), key=lambda e: e.turn):
        for method in endpoint.methods:
            key = (method, _PARAMETER.sub(lambda m: f"<{m[2] or m[3] or ''}>", endpoint.path))
            first = seen.setdefault(key, endpoint)
            same_file = first.registered_at.path == endpoint.registered_at.path
            if first.handler != endpoint.handler and same_file and "…" not in endpoint.path and method != "*":
                yield _suspicion(endpoint, first, method, "is declared twice: the first one answers")
                break


def _behind(app: App) -> Iterator[Suspicion]:
    """A literal path after one with a parameter in its place, in the same file and so in the order that is seen."""
    by_shape: dict[tuple[str, str], list[Endpoint]] = {}
    for endpoint in app.endpoints:
        if endpoint.framework in _FIRST_FITS and not {"…", "("}.intersection(endpoint.path):
            key = endpoint.registered_at.path, endpoint.path.strip("/").partition("/")[0]
            by_shape.setdefault(key, []).append(endpoint)
    for group in by_shape.values():
        yield from _hidden(sorted(group, key=lambda e: e.turn))


def _hidden(group: Sequence[Endpoint]) -> Iterator[Suspicion]:
    """Of endpoints in the order of their declaration, those that an earlier and looser one answers for."""
    loose = [len(_PARAMETER.findall(endpoint.path)) for endpoint in group]
    examples = [_example(endpoint.path) for endpoint in group]
    told: set[int] = set()
    for first, early in enumerate(group):
        if not loose[first]:
            continue
        fits = re.compile(_pattern(early.path)).fullmatch
        for second, late in enumerate(group[first + 1 :], first + 1):
            both = set(early.methods) & set(late.methods)
            apart = early.registered_at != late.registered_at and early.handler != late.handler
            if loose[second] < loose[first] and second not in told and fits(examples[second]) and both and apart:
                told.add(second)
                yield _suspicion(late, early, min(both), f"never runs: `{early.path}` before it fits")


def _pattern(path: str) -> str:
    parts, end = [], 0
    for match in _PARAMETER.finditer(path):
        parts += [re.escape(path[end : match.start()]), _FITS.get(match[2] or match[3] or "str", "(?!)")]
        end = match.end()
    return "".join([*parts, re.escape(path[end:])])


def _example(path: str) -> str:
    """A path that the late route is for: its literals as they are, something that only a parameter fits else."""
    return _PARAMETER.sub(lambda m: "0" if (m[2] or m[3]) == "int" else "~", path)


def _suspicion(late: Endpoint, early: Endpoint, method: str, what: str) -> Suspicion:
    name, first = f"{method} {late.path}", Step(early.registered_at, f"`{method} {early.path}`")
    return Suspicion(RULE.id, late.registered_at, f"`{name}` {what}", name, related=(first,))
