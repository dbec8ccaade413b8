"""What endpoints take from a request and give back, as far as the code says it."""

from __future__ import annotations

from textwrap import dedent

import pytest
from backends import declared

from analyzer.frameworks import django, fastapi, flask
from analyzer.frameworks.inputs import path_parameters
from analyzer.model.answer import Known, Unknown
from analyzer.model.endpoint import Endpoint


def only(endpoints: tuple[Endpoint, ...]) -> Endpoint:
    """The one endpoint of an application."""
    [found] = endpoints
    return found


def taken(endpoint: Endpoint) -> list[str]:
    """Inputs as a test writes them: place, name, type, "!" where a client must give it, bounds."""
    return [
        " ".join(
            [i.place.value, i.name, i.type + ("!" if i.required else ""), *(f"{name}={value}" for name, value in i.bounds)]
        )
        for i in endpoint.inputs
    ]  # fmt: skip


def of_fastapi(source: str) -> Endpoint:
    """The endpoint of a FastAPI application in one file."""
    head = """
        from typing import Annotated
        from fastapi import (
            BackgroundTasks, Cookie, Depends, FastAPI, Form, Header, Query, Request, Response, UploadFile
        )
        from pydantic import BaseModel
        app = FastAPI()
        """
    [found] = declared(fastapi.declare, {"main.py": dedent(head) + dedent(source)})
    return only(found.app.endpoints)


def test_a_signature_says_where_each_value_comes_from() -> None:
    found = of_fastapi(
        """
        from uuid import UUID
        class Order(BaseModel):
            name: str

        @app.put("/shops/{shop_id}/orders")
        def change(shop_id: int, order: Order, token: Annotated[str, Header(max_length=80)], request: Request,
                   files: list[UploadFile], background: BackgroundTasks, dry: bool = False,
                   session_id: str | None = Cookie(None), note: str = Form("", max_length=20), key: UUID | None = None, more: Order | None = None): ...
        """
    )
    assert taken(found) == [
        "path shop_id int!",
        "body order main.Order!",
        "header token str! max_length=80",
        "file files list[starlette.datastructures.UploadFile]!",
        "query dry bool",
        "cookie session_id str | None",
        "form note str max_length=20",
        "query key uuid.UUID | None",
        "body more main.Order | None",
    ]
    assert found.all_inputs == Known(True)


def test_bounds_in_any_spelling() -> None:
    found = of_fastapi(
        """
        from annotated_types import Le
        from pydantic import Field, PositiveInt
        MOST = 50
        Page = Annotated[int, Query(ge=1)]

        @app.get("/orders")
        def orders(page: Page, limit: int = Query(20, le=MOST), width: Annotated[int, Le(9)] = 3,
                   depth: Annotated[int, Field(lt=4)] = 1, count: PositiveInt = 1, name: str = Query(..., alias="n")): ...
        """
    )
    assert taken(found) == [
        "query page int! ge=1",
        "query limit int le=50",
        "query width int le=9",
        "query depth int lt=4",
        "query count pydantic.PositiveInt gt=0",
        "query n str!",
    ]
    assert [i.default for i in found.inputs][1:4] == [Known(20), Known(3), Known(1)]


def test_what_dependencies_take_is_taken_by_the_endpoint() -> None:
    found = of_fastapi(
        """
        from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
        class Paging:
            def __init__(self, offset: int = 0, limit: int = Query(10, le=100)): ...
        class Filter(BaseModel):
            word: str = ""
        def sorting(order_by: str = "id"): ...
        scheme = OAuth2PasswordBearer("token")

        @app.get("/orders")
        def orders(paging: Paging = Depends(), filter: Filter = Depends(), by: str = Depends(sorting),
                   who: str = Depends(scheme), form: OAuth2PasswordRequestForm = Depends()): ...
        """
    )
    assert taken(found) == [
        "query offset int",
        "query limit int le=100",
        "query word str",
        "query order_by str",
        "form username str!",
        "form password str!",
    ]
    assert found.all_inputs == Known(True)


def test_a_dependency_that_is_not_seen_may_take_anything() -> None:
    found = of_fastapi(
        """
        from somewhere import paging
        @app.get("/orders/{order_id}")
        def orders(order_id: int, page = Depends(paging)): ...
        """
    )
    assert taken(found) == ["path order_id int!"]
    assert found.all_inputs == Unknown("a dependency that is not understood")


@pytest.mark.parametrize(
    ("decorator", "returns", "response"),
    [
        ("response_model=Order", "", "main.Order"),
        ("response_model=list[Order]", " -> dict", "list[main.Order]"),
        ("", " -> Order | None", "main.Order | None"),
        ("response_model=None", " -> Order", ""),
        ("", " -> Response", ""),
        ("", "", ""),
    ],
)
def test_the_model_of_an_answer(decorator: str, returns: str, response: str) -> None:
    found = of_fastapi(f"class Order(BaseModel): ...\n@app.get('/orders', {decorator})\ndef orders(){returns}: ...\n")
    assert isinstance(found.response, Known)
    assert found.response.value == response


def test_what_flask_code_reads_of_the_request() -> None:
    source = """
        from flask import Flask, request
        app = Flask(__name__)

        @app.route("/orders/<int:shop>/<name>", methods=["POST"])
        def orders(shop, name):
            limit = min(int(request.args.get("limit", 20)), 100)
            page = request.args.get("page", 1, type=int)
            size = int(request.args["size"])
            if size > 500:
                size = 500
            token = request.headers.get("X-Token")
            file = request.files["file"]
            note = request.form.get("note")
            body = request.get_json()["total"]
            other = {}.get("nothing")
        """
    [found] = declared(flask.declare, {"main.py": source})
    assert taken(only(found.app.endpoints)) == [
        "query limit int le=100",
        "query page int",
        "query size int! le=500",
        "header X-Token str",
        "file file str!",
        "form note str",
        "body total str!",
        "path shop int!",
        "path name str!",
    ]


def test_a_view_set_takes_and_gives_what_its_serializer_says() -> None:
    files = {
        "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
        "shop/__init__.py": "",
        "shop/urls.py": """
            from django.urls import include, path
            from rest_framework.routers import SimpleRouter
            from . import views
            router = SimpleRouter()
            router.register("orders", views.Orders)
            urlpatterns = [path("api/", include(router.urls))]
            """,
        "shop/views.py": """
            from rest_framework import serializers, viewsets
            class OrderSerializer(serializers.ModelSerializer): ...
            class Orders(viewsets.ModelViewSet):
                serializer_class = OrderSerializer
                def list(self, request):
                    return request.query_params.get("state")
            """,
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    }
    [found] = declared(django.declare, files)
    whole, one = found.app.endpoints
    assert taken(whole)[0] == "body  shop.views.OrderSerializer!"
    assert isinstance(whole.response, Known)
    assert whole.response.value == "shop.views.OrderSerializer"
    assert isinstance(whole.all_inputs, Unknown)
    assert "path pk str!" in taken(one)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a/{x}/{y:int}", [("x", "str"), ("y", "int")]),
        ("/a/<x>/<uuid:y>/<path:z>", [("x", "str"), ("y", "UUID"), ("z", "str")]),
        (r"/a/(?P<x>\d+)/(?P<y>[\w-]+)/(?P<z>[0-9]{4})/", [("x", "int"), ("y", "str"), ("z", "int")]),
        ("/a/<x:int>", [("x", "int")]),
        ("/plain/…", []),
    ],
)
def test_the_parameters_of_a_path(path: str, found: list[tuple[str, str]]) -> None:
    assert list(path_parameters(path)) == found
