"""Libraries that an application is handed to → whether they may stand around its requests, unseen."""

from __future__ import annotations

from collections.abc import Iterator

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.index import SiteRef
from ..link.values import External, Instance
from ..model.code import Attribute
from .evidence import MIDDLEWARE, Evidence, doubt
from .objects import Made, Objects, meant
from .sources import argument, code, read, sites

_WHY = "an extension, which may stand around requests as well"
_FAMILIES = ("flask_", "quart_", "sanic_", "aiohttp_")
_WORDS = ("init_app", "setup", "instrument", "instrument_app", "Extend")
# Those that hook into no request, or only into its end, and those that are told apart.
_QUIET = (
    "flask_sqlalchemy.", "flask_migrate.", "flask_mail.", "flask_mailman.", "flask_restful.", "flask_restx.",
    "flask_caching.", "flask_marshmallow.", "flask_bcrypt.", "flask_babel.", "flask_jwt_extended.", "flask_smorest.",
    "flask_script.", "flask_redis.", "flask_assets.", "flask_wtf.", "flask_mongoengine.", "flask_moment.",
    "flask_bootstrap.", "flask_pymongo.", "flask_httpauth.", "flask_executor.", "flask_sock.", "flask_limiter.",
    "aiohttp_jinja2.", "aiohttp_security.", "aiohttp_cors.", "aiohttp_apispec.", "aiohttp_swagger",
)  # fmt: skip


def extensions(ev: Evaluator, found: Objects, app: Made) -> Evidence:
    """A doubt where something of a library is given this application: by its constructor, `init_app`, `setup`."""
    return doubt(_WHY, MIDDLEWARE) if any(_hooks(ev, found, app, site) for site in _given(ev)) else Evidence()


def _given(ev: Evaluator) -> Iterator[SiteRef]:
    names = {i.name for _, facts in code(ev) for i in facts.imports if i.level == 0 and i.module.startswith(_FAMILIES)}
    yield from sites(ev, *_WORDS, *sorted(filter(None, names)))


def _hooks(ev: Evaluator, found: Objects, app: Made, site: SiteRef) -> bool:
    called = read(ev, site)
    given = argument(ev, *called, "app", 0) if called is not None else None
    if called is None or given is None or given.expr is None:
        return False
    if app.site not in meant(found, given.expr, given.frame).keys:
        return False
    call, frame = called
    method = isinstance(call.callee, Attribute) and call.callee.name in _WORDS
    owner = ev.expr(call.callee.value, frame) if isinstance(call.callee, Attribute) and method else ()
    for value in (*owner, *ev.expr(call.callee, frame)):
        match value:
            case External(name=name) | Instance(cls=str() as name):
                if not canonical(ev.libraries, name).startswith(_QUIET):
                    return True
            case _:
                pass
    return False
