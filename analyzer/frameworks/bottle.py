"""Bottle: applications, the default one among them, what is mounted and merged, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Frame
from ..model.code import Attribute, Call, Expr, Literal, Name, Sequence
from ..model.location import Location
from .adding import Adding, Owned, applied, calls, decorators
from .answering import Answers, add, of_decorated, of_expression
from .body_limits import configured
from .evidence import NONE, Evidence, merged
from .guards import Guards
from .lists import items, strings
from .middlewares import function, standing, unseen
from .objects import Made, meant, objects
from .sources import HOLE, Argument, argument, code, read, sites, text, uses
from .tree import UNRESOLVED, Inclusion, Manner, Tree, declared

APP = "bottle.Bottle"
_DEFAULT = ("bottle.default_app", "bottle.app")  # calls that give the default application
_VERBS = frozenset({"get", "post", "put", "delete", "patch"})
_WORDS = _VERBS | {"route"}
_PUTTING = frozenset({"mount", "merge"})
_HOOKS = frozenset({"hook", "add_hook"})
_REQUEST = "bottle.BaseRequest"  # takes forms and JSON of 100 KiB, not counting uploads (bottle 0.13, bottle.py)
_WHY = "a plugin that is not understood"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Bottle application with its endpoints, in the order of their places."""
    if not uses(ev, "bottle"):
        return ()
    tree = Tree(Guards(ev), objects(ev, (APP, *_DEFAULT)))
    owned = _owned(tree, _default(tree))
    for one in decorators(tree, _WORDS, owned):
        _add(tree, one.adding, of_decorated(tree, one), one.ref)
    for adding, handler in applied(tree, _WORDS, owned):
        answers = of_expression(tree, handler, adding.frame)
        _add(tree, adding, answers, answers[0][1].ref)
    for adding in calls(tree, _WORDS, owned, _with_callback):
        given = argument(ev, adding.call, adding.frame, "callback", 2)
        if given.expr is not None:
            answers = of_expression(tree, given.expr, given.frame)
            _add(tree, adding, answers, answers[0][1].ref)
    for adding in calls(tree, _PUTTING, owned):
        _put(tree, adding)
    for adding in calls(tree, frozenset({"install"}), owned):
        _installed(tree, adding)
    hooked = _hooks(tree, owned)
    mounted = {i.child for held in tree.inclusions.values() for i in held if (i.prefix or "/").endswith("/")}

    def app_wide(_: Tree, made: Made) -> Evidence:
        # Of an application whose routes another one takes over, no hook runs (bottle 0.13, `_handle`).
        at = Location(made.site.path, made.call.at)
        size = configured(ev, "MEMFILE_MAX", at, f"{_REQUEST}.MEMFILE_MAX", "BaseRequest")
        under = any(made.site == one.child for held in tree.inclusions.values() for one in held)
        parts = [] if made.site in mounted else hooked.get(made.site, [])
        return merged(parts if under else [size, *parts])

    return declared(tree, Manner((APP,), lambda _: "bottle", _joined, _prefix, lambda *_: NONE, app_wide))


def _joined(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if prefix else path


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    return inclusion.prefix or "" if inclusion is not None else ""


# ------------------------------------------------------- the default application


def _default(tree: Tree) -> SiteRef | None:
    """The one place that stands for the default application, of all that ask for it."""
    ev, found = tree.guards.ev, tree.objects
    places = [made for made in found.made.values() if made.kind in _DEFAULT]
    for words in ((), ("run",), tuple(sorted(_WORDS))):
        for site in sites(ev, *words):
            called = read(ev, site)
            if called is not None and not places and _of_module(ev, called[0].callee, called[1]):
                places.append(Made(site, APP, None, *called))
    if places:
        found.made[places[0].site] = replace(places[0], kind=APP)
        return places[0].site
    return None


def _of_module(ev: Evaluator, callee: Expr, frame: Frame) -> str:
    """The word of a function of the module that works on the default application: `bottle.route`, or `route`."""
    if not isinstance(callee, Name | Attribute):
        return ""
    names = [name for name in ev.qualified(callee, frame) if name.startswith("bottle.") and name.count(".") == 1]
    return names[0].rpartition(".")[2] if names else ""


def _owned(tree: Tree, default: SiteRef | None) -> Owned:
    """Methods of applications, and the functions of the module that stand for those of the default one."""
    ev, alike = tree.guards.ev, {made.site for made in tree.objects.made.values() if made.kind in _DEFAULT}
    words = _WORDS | _PUTTING | _HOOKS | {"install"}

    def owned(callee: Expr, frame: Frame) -> tuple[str, tuple[SiteRef, ...]]:
        word = _of_module(ev, callee, frame)
        if default is not None and word in words:
            return word, (default,)
        if not isinstance(callee, Attribute) or callee.name not in words:
            return "", ()
        keys = meant(tree.objects, callee.value, frame).keys
        return callee.name, tuple(dict.fromkeys(default if k in alike and default else k for k in keys))

    return owned


# ----------------------------------------------------------------------- routes


def _with_callback(call: Call) -> bool:
    return len(call.args) > 2 or any(keyword.name in ("callback", None) for keyword in call.keywords)


def _add(tree: Tree, adding: Adding, answers: Answers, ref: ScopeRef | None) -> None:
    ev = tree.guards.ev
    methods, extra = _methods(ev, adding), _applied(tree, adding)
    guarded = [(own, replace(h, evidence=merged([h.evidence, extra]))) for own, h in answers]
    for path in _paths(ev, adding, ref):
        add(tree, adding, methods, path, guarded)


def _paths(ev: Evaluator, adding: Adding, ref: ScopeRef | None) -> list[str]:
    """The rule or the list of them; without any, Bottle makes them of the function's name and parameters."""
    given = argument(ev, adding.call, adding.frame, "path", 0)
    if given.expr is None:
        return [HOLE] if given.hidden or ref is None else _of_signature(ev, ref)
    several = _several(ev, given)
    return [text(ev.expr(given.expr, given.frame))] if several is None else [text(ev.expr(*one)) for one in several]


def _several(ev: Evaluator, given: Argument) -> list[tuple[Expr, Frame]] | None:
    assert given.expr is not None
    held = items(ev, given.expr, given.frame)
    return list(held.found) if held.complete and held.found else None


def _of_signature(ev: Evaluator, ref: ScopeRef) -> list[str]:
    scope = ev.scope(ref)
    path, found = "/" + scope.name.replace("__", "/").lstrip("/"), []
    for param in scope.params.items:
        if param.default is not None:
            found.append(path)
        path += f"/<{param.name}>"
    return [*found, path]


def _methods(ev: Evaluator, adding: Adding) -> tuple[str, ...]:
    given = argument(ev, adding.call, adding.frame, "method", 1)
    if given.expr is None:
        return ("*",) if given.hidden else ("GET" if adding.word == "route" else adding.word.upper(),)
    single = text(ev.expr(given.expr, given.frame))
    found = strings(ev, given) if single == HOLE or isinstance(given.expr, Sequence) else (single,)
    named = tuple(sorted({name.upper() for name in found or ()}))
    return named if named and "ANY" not in named else ("*",)


def _applied(tree: Tree, adding: Adding) -> Evidence:
    """`apply=[plugin, …]` of one route."""
    given = argument(tree.guards.ev, adding.call, adding.frame, "apply", 4)
    if given.expr is None:
        return NONE
    several = _several(tree.guards.ev, given) or [(given.expr, given.frame)]
    return merged(standing(tree.guards, one, frame, _WHY) for one, frame in several)


# ------------------------------------------------------------ hooks and plugins


def _hooks(tree: Tree, owned: Owned) -> dict[SiteRef, list[Evidence]]:
    """What runs before every request of an application."""
    found: dict[SiteRef, list[Evidence]] = {}
    for path, facts in code(tree.guards.ev):
        for number, scope in enumerate(facts.scopes):
            for one in scope.decorators:
                if isinstance(one, Call) and one.args and isinstance(one.args[0], Literal):
                    word, owners = owned(one.callee, Frame(ScopeRef(path, scope.parent)))
                    if word == "hook" and one.args[0].value == "before_request":
                        for owner in owners:
                            evidence = function(tree.guards, ScopeRef(path, number), Location(path, one.at))
                            found.setdefault(owner, []).append(evidence)
    for adding in calls(tree, frozenset({"add_hook"}), owned):
        name, given = (argument(tree.guards.ev, adding.call, adding.frame, n, p) for n, p in (("name", 0), ("func", 1)))
        if isinstance(name.expr, Literal) and name.expr.value == "before_request" and given.expr is not None:
            for owner in adding.owners:
                evidence = standing(tree.guards, given.expr, given.frame, _WHY, adding.at)
                found.setdefault(owner, []).append(evidence)
    return found


def _installed(tree: Tree, adding: Adding) -> None:
    """`app.install(plugin)` stands around the routes that are the application's own."""
    given = argument(tree.guards.ev, adding.call, adding.frame, "plugin", 0)
    if given.expr is not None:
        extra = standing(tree.guards, given.expr, given.frame, _WHY, adding.at)
    else:
        extra = unseen(_WHY)
    for owner in adding.owners:
        tree.routes[owner] = [replace(r, evidence=merged([r.evidence, extra])) for r in tree.routes.get(owner, ())]


def _put(tree: Tree, adding: Adding) -> None:
    """`app.mount("/admin/", admin)`, `app.merge(other)`."""
    ev, mounts = tree.guards.ev, adding.word == "mount"
    given = argument(ev, adding.call, adding.frame, "app" if mounts else "routes", 1 if mounts else 0)
    children = meant(tree.objects, given.expr, given.frame).keys if given.expr is not None else ()
    if not children:
        tree.hidden = tree.hidden or UNRESOLVED
    said = argument(ev, adding.call, adding.frame, "prefix", 0)
    prefix = text(ev.expr(said.expr, said.frame)) if mounts and said.expr is not None else ""
    for owner in adding.owners:
        for key in children:
            if key != owner:
                tree.inclusions[owner].append(Inclusion(key, prefix, NONE, True))
