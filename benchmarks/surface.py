"""Inside a backend's own environment: its application, as the framework holds it → every route as JSON.

    python benchmarks/surface.py ROOT OUT FRAMEWORK < the lines that make `apps`, one for each way to configure it

It runs where the backend is installed and not where we are, so it imports nothing of ours. `automatic` holds what the
framework adds to routes by itself. A route is a library's where neither its handler nor the list that holds it is of
ROOT: an admin, a user interface of docs, static files.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()


def row(path: str, methods: Any, handler: Any, library: str = "") -> Row:
    """One route. Where it is a library's, `library` says which."""
    named = unwrapped(handler)
    file = source(named)
    own = file is not None and file.is_relative_to(ROOT) and not bundled(file.parent)
    where = file.relative_to(ROOT).as_posix() if own and file is not None else ""
    if not library and not own:
        library = str(getattr(named, "__module__", None) or type(named).__module__).partition(".")[0]
    name = getattr(named, "__qualname__", type(named).__qualname__)
    return {"path": path, "methods": sorted(methods), "handler": name, "file": where, "library": library}


@functools.cache
def bundled(folder: Path) -> bool:
    """Whether a folder is inside of one that libraries were installed into."""
    return folder != ROOT and (any(folder.glob("*.dist-info")) or bundled(folder.parent))


def unwrapped(handler: Any) -> Any:
    """The function or class behind wrappers that say what they wrap."""
    while (inner := inside(handler)) is not None:
        handler = inner
    return handler


def source(handler: Any) -> Path | None:
    """The file that a handler's module was read from."""
    module = sys.modules.get(str(getattr(handler, "__module__", None) or type(handler).__module__))
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if file else None


# -------------------------------------------------------------------- frameworks


def starlette(app: Any, prefix: str = "") -> Iterator[Row]:
    """`app.routes`, with what is mounted under it."""
    for route in app.routes:
        path = prefix + getattr(route, "path", "")
        kind = type(route).__name__
        inner = getattr(route, "app", None)
        if kind in ("Mount", "Host"):
            while not getattr(inner, "routes", None) and hasattr(inner, "app"):
                inner = inner.app  # a middleware around an application
            if getattr(inner, "routes", None):
                yield from starlette(inner, path)
            else:
                yield row(path, ["*"], inner, library=type(inner).__module__.partition(".")[0])
        elif "WebSocket" in kind:
            yield row(path, ["WEBSOCKET"], route.endpoint)
        else:
            methods = set(route.methods or of_class(route.endpoint))
            yield row(path, methods - {"HEAD"} if "GET" in methods else methods, route.endpoint)


def flask(app: Any) -> Iterator[Row]:
    """`app.url_map`."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        yield row(str(rule.rule), methods or rule.methods, getattr(view, "view_class", view))


def django(app: Any) -> Iterator[Row]:
    """The resolver's patterns: routes and regular expressions as they are written, joined."""
    from django.urls import get_resolver

    yield from patterns(get_resolver(), "", "")


def patterns(resolver: Any, prefix: str, library: str) -> Iterator[Row]:
    """What stands in one list of patterns, and in those that it includes."""
    module = getattr(resolver, "urlconf_module", None)
    file = getattr(module, "__file__", None)
    listed = bool(file) and Path(file).resolve().is_relative_to(ROOT) and not bundled(Path(file).resolve().parent)
    if file and not listed:
        library = module.__name__.partition(".")[0]
    for pattern in resolver.url_patterns:
        path = prefix + written(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            admin = "django.contrib.admin" if getattr(pattern, "app_name", "") == "admin" else ""
            yield from patterns(pattern, path, library or admin)
            continue
        found = row(path, methods_of(pattern.callback), of_view(pattern.callback), library)
        if "format>" in written(pattern.pattern):
            found["library"] = "rest_framework: a suffix for the format"
        elif listed and found["library"] != "rest_framework":  # which adds a root to what its routers list
            found["library"] = ""  # a library's view in the backend's own list
        yield found


def written(pattern: Any) -> str:
    """A pattern as its code has it; a language's prefix is not known before there is a request."""
    if hasattr(pattern, "prefix_default_language"):
        return "…/"
    return str(pattern._route if hasattr(pattern, "_route") else pattern._regex)


def of_view(callback: Any) -> Any:
    """The class of a view, or the view."""
    inner = callback
    while inner is not None:
        if found := getattr(inner, "cls", None) or getattr(inner, "view_class", None):
            return found
        inner = inside(inner)
    return callback


def methods_of(callback: Any) -> list[str]:
    """What a view answers: as its class says, as `require_http_methods` around it says, or anything."""
    inner = callback
    while inner is not None:
        cls = getattr(inner, "cls", None) or getattr(inner, "view_class", None)
        if cls is not None:
            given = getattr(inner, "view_initkwargs", None) or getattr(inner, "initkwargs", None) or {}
            allowed = given.get("http_method_names") or cls.http_method_names
            actions = getattr(inner, "actions", None)
            answered = [m for m in allowed if (m in actions if actions else hasattr(cls, m))]
            return [m.upper() for m in answered if m not in ("head", "options")] or ["*"]  # set for each request
        closed = inspect.getclosurevars(inner).nonlocals if inspect.isfunction(inner) else {}
        if "request_method_list" in closed:
            return [m for m in closed["request_method_list"] if m not in ("HEAD", "OPTIONS")]
        inner = inside(inner)
    return ["*"]


def inside(view: Any) -> Any:
    """What a view wraps; None for one that wraps nothing."""
    return view.func if isinstance(view, functools.partial) else getattr(view, "__wrapped__", None)


def of_class(endpoint: Any) -> list[str]:
    """The methods that a class-based handler defines."""
    verbs = ("get", "post", "put", "patch", "delete")
    return [verb.upper() for verb in verbs if hasattr(endpoint, verb)] or ["*"]


FRAMEWORKS: dict[str, Callable[[Any], Iterator[Row]]] = {"starlette": starlette, "flask": flask, "django": django}


def main() -> None:
    """Make the application and write its routes."""
    _, _, out, framework = sys.argv
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(sys.stderr):
        exec(compile(sys.stdin.read(), "<backend>", "exec"), names)  # the benchmark's own lines
        rows = [one for app in names["apps"] for one in FRAMEWORKS[framework](app)]
    rows.sort(key=lambda one: (one["path"], one["methods"], one["handler"]))
    Path(out).write_text(json.dumps(rows, indent=1, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
