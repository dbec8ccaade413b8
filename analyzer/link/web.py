"""Imports → the web frameworks that a project uses, known to us or not."""

from __future__ import annotations

from .index import Index

_WEB = frozenset({
    "aiohttp", "apiflask", "ariadne", "aws_lambda_powertools", "blacksheep", "bottle", "chalice", "channels",
    "cherrypy", "connexion", "django", "emmett", "falcon", "fastapi", "flask", "flask_restful", "flask_restx",
    "flask_sock", "flask_socketio", "functions_framework", "graphene", "grpc", "litestar", "morepath", "ninja",
    "ninja_extra", "pyramid", "quart", "rest_framework", "robyn", "sanic", "socketio", "starlette", "strawberry",
    "tornado", "web",
})  # fmt: skip


def frameworks_seen(index: Index) -> tuple[str, ...]:
    """Web frameworks among the imports of what is no test, sorted."""
    code = (facts for path, facts in index.python.items() if path not in index.tests)
    tops = {item.module.partition(".")[0] for facts in code for item in facts.imports if item.level == 0}
    return tuple(sorted(_WEB & tops))
