"""How each web framework declares its endpoints: one module each, all offering `declare(ev)`."""

from __future__ import annotations

from ..link.declared import Framework
from . import django, fastapi, flask
from .routes import MOST_ENDPOINTS

__all__ = ["ALL", "MOST_ENDPOINTS"]

ALL: tuple[Framework, ...] = (django.declare, fastapi.declare, flask.declare)
