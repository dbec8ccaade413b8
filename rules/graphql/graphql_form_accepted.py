"""
Any web page can send mutations in the name of whoever is logged in.

A browser sends a form to another site with that site's cookies, and asks nobody first; only JSON makes it ask. A
GraphQL endpoint that takes `multipart/form-data`, for uploads, takes a mutation in such a form too. Where a cookie
says who is calling, a link in a mail is enough to change a password or place an order.

Keep uploads off (`multipart_uploads_enabled=False`, Strawberry's default since 0.243) and hand out signed URLs
instead. Where forms are needed, demand what a form cannot send: a header such as `X-Requested-With`, or a CSRF token
(Django: no `csrf_exempt` around the view). Clients that send their token in the `Authorization` header are not
concerned.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Known, Node, Project, Rule, Serving, Severity, Standard, Step, Suspicion,
)  # fmt: skip

RULE = Rule(
    id="graphql-form-accepted",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=352,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import strawberry
        from fastapi import FastAPI
        from starlette.middleware.sessions import SessionMiddleware
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Mutation:
            @strawberry.mutation
            def rename(self, name: str) -> str: ...

        schema = strawberry.Schema(mutation=Mutation)
        app = FastAPI()
        app.add_middleware(SessionMiddleware, secret_key=SECRET)
        app.include_router(GraphQLRouter(schema, multipart_uploads_enabled=True), prefix="/graphql")
    """,
    good="""
        import strawberry
        from fastapi import FastAPI
        from starlette.middleware.sessions import SessionMiddleware
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Mutation:
            @strawberry.mutation
            def rename(self, name: str) -> str: ...

        schema = strawberry.Schema(mutation=Mutation)
        app = FastAPI()
        app.add_middleware(SessionMiddleware, secret_key=SECRET)
        app.include_router(GraphQLRouter(schema), prefix="/graphql")
    """,
)

_DJANGO = ("strawberry.django.", "graphene_django.", "ariadne_django.", "graphene_file_upload.django")
# What makes a cookie say who is calling.
_COOKIES = (
    "SessionMiddleware", "django.contrib.sessions", "login_user", "set_cookie", "flask_login", "LoginManager",
    "EncryptedCookieStorage", "jwt_cookie", "JWT_COOKIE", "CookieTransport",
)  # fmt: skip
_CHECKS = (
    "csrf_protect", "CSRFMiddleware", "CsrfProtect", "CSRFProtect", "X-CSRF", "x-csrf", "csrftoken", "csrf_token",
    "X-Requested-With", "x-requested-with", "Apollo-Require-Preflight",
)  # fmt: skip


def detect(project: Project) -> Iterator[Suspicion]:
    if not project.mentions(_COOKIES):
        return  # a token in a header is nothing that a form can bring
    for schema in project.schemas():
        changes = any(field.type == "Mutation" for field in schema.fields)
        takers = [one for one in schema.served if changes and _takes(one) and _unchecked(project, one)]
        if takers:
            message = f"`{takers[0].what.rpartition('.')[2]}` takes mutations in forms, which any web page can send"
            related = tuple(Step(one.at, "and so does this one") for one in takers[1:])
            yield Suspicion(RULE.id, takers[0].at, message, schema.name, related=related)


def _takes(one: Serving) -> bool:
    return isinstance(one.forms, Known) and one.forms.value


def _unchecked(project: Project, one: Serving) -> bool:
    """Django checks a token of every form by itself, other frameworks do not."""
    if one.what.startswith(_DJANGO):
        return one.exempt
    return not project.mentions(_CHECKS)
