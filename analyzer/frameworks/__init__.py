"""How each web framework declares its endpoints: one module each, all offering `declare(ev)`."""

from __future__ import annotations

from ..link.declared import Framework
from . import aiohttp, bottle, clouds, django, falcon, fastapi, flask, litestar, sanic, serverless, tasks, tornado
from .routes import MOST_ENDPOINTS

__all__ = ["ALL", "MOST_ENDPOINTS"]

ALL: tuple[Framework, ...] = (
    aiohttp.declare, bottle.declare, django.declare, falcon.declare, fastapi.declare, flask.declare,
    litestar.declare, sanic.declare, tasks.declare, tornado.declare, serverless.declare, clouds.declare,
)  # fmt: skip
