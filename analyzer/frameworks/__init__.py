"""How each web framework declares its endpoints: one module each, all offering `declare(ev)`."""

from __future__ import annotations

from ..link.declared import Framework
from . import (
    aiohttp,
    ariadne,
    bottle,
    channels,
    cherrypy,
    clouds,
    connexion,
    django,
    falcon,
    fastapi,
    flask,
    graphene,
    grpc,
    litestar,
    pyramid,
    sanic,
    serverless,
    sockets,
    strawberry,
    tasks,
    tornado,
)  # fmt: skip
from .routes import MOST_ENDPOINTS

__all__ = ["ALL", "MOST_ENDPOINTS"]

ALL: tuple[Framework, ...] = (
    aiohttp.declare, bottle.declare, django.declare, falcon.declare, fastapi.declare, flask.declare,
    litestar.declare, sanic.declare, tasks.declare, tornado.declare, serverless.declare, clouds.declare,
    grpc.declare, channels.declare, sockets.declare, connexion.declare, pyramid.declare, cherrypy.declare,
    strawberry.declare, graphene.declare, ariadne.declare,
)  # fmt: skip
