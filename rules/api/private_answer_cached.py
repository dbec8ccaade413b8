"""
A cache gives one caller what it kept of another's answer.

The endpoint asks who is calling; the key of the cache in front of it is the address alone. Until the entry is stale,
everybody who asks for that address reads the account, the orders or the page of whoever came first, and where the
cache stands before the log-in, those who have none read it too. No log shows it, and it is there with two users only.

Let the key vary with the caller: `@vary_on_cookie` or `@vary_on_headers("Authorization")` under Django's `cache_page`,
`make_cache_key=` or a computed `key_prefix=` in Flask-Caching. Or cache below the log-in what is the same for
everybody, and leave what is somebody's own out of it. Django's `cache_page` does not see the session's cookie, which
its middleware adds to `Vary` later; from 5.2.15 on it does see `Authorization`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import CachedAnswer, Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="private-answer-cached",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=524,
    standard=Standard.SECURITY,
    node=Node.EXPRESSION,
    since="0.1",
    bad="""
        from flask import Flask, jsonify
        from flask_caching import Cache
        from flask_login import current_user, login_required

        app = Flask(__name__)
        cache = Cache(app)

        @app.get("/orders")
        @login_required
        @cache.cached(timeout=60)
        def orders():
            return jsonify(current_user.orders)
    """,
    good="""
        from flask import Flask, jsonify
        from flask_caching import Cache
        from flask_login import current_user, login_required

        app = Flask(__name__)
        cache = Cache(app)

        @app.get("/orders")
        @login_required
        @cache.cached(timeout=60, make_cache_key=lambda: f"orders/{current_user.id}")
        def orders():
            return jsonify(current_user.orders)
    """,
)
_MOST = 10


def detect(project: Project) -> Iterator[Suspicion]:
    for _, group in groupby(project.cached_answers(), key=lambda one: one.at):
        first, *others = sorted(group, key=lambda one: (one.told is None, one.endpoint.path))
        yield _shared(first, others)


def _shared(first: CachedAnswer, others: list[CachedAnswer]) -> Suspicion:
    """One cache is one cause, however many endpoints inherit it."""
    name, cache = f"`GET {first.endpoint.path}`", first.cache.rpartition(".")[2]
    message = f"`{cache}` answers {name} before anybody asks who is calling"
    if first.told is not None:
        message = f"`{cache}` keeps what {name} answers one caller, and gives it to the next"
    told = (Step(first.told, "the answer is made for who is asking"),) if first.told is not None else ()
    routes = tuple(Step(one.endpoint.handler_at, f"`GET {one.endpoint.path}`") for one in (first, *others)[:_MOST])
    return Suspicion(RULE.id, first.at, message, name, (), told + routes, None if first.sure else Confidence.LOW)
