"""Types in library models: what the words of a type lead to, and that a bad type is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_inference import check

from analyzer import assets
from analyzer.libraries import load_libraries
from analyzer.library_files import LibraryError
from analyzer.type_texts import Term, classes_in, parse

FOLDER = assets.rules() / "libraries"


def test_a_type_has_a_start_steps_and_what_it_holds() -> None:
    assert parse("shop.Cart") == (Term("shop.Cart"),)
    assert parse("shop.Cart.class") == (Term("shop.Cart", ("class",)),)
    assert parse("item") == (Term("item"),)
    assert parse("self.get_queryset().item") == (Term("self", ("get_queryset()", "item")),)
    assert parse("shop.Cart[argument.item]") == (Term("shop.Cart", (), (Term("argument", ("item",)),)),)
    assert parse("self.rows | shop.Cart[item | argument]") == (
        Term("self", ("rows",)),
        Term("shop.Cart", (), (Term("item"), Term("argument"))),
    )


@pytest.mark.parametrize(
    "text", ["", "Cart", "shop.Cart[", "shop.Cart[]", "shop.Cart[Cart]", "a.b()", "items", "| item"]
)
def test_what_is_no_type_is_refused(text: str) -> None:
    assert parse(text) == ()


def test_the_classes_that_a_type_names() -> None:
    assert sorted(classes_in("shop.Cart[shop.Row[item]] | argument | shop.Till.class")) == [
        "shop.Cart", "shop.Row", "shop.Till",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("functions: {shop.cart: {returns: itm}}", '.returns: "itm" is no type; did you mean "item"?'),
        ("functions: {shop.cart: {enters: 'shop.C['}}", 'functions.shop.cart.enters: "shop.C[" is no type'),
        ("classes: {shop.Cart: {read: Cart}}", 'classes.shop.Cart.read: "Cart" is no type'),
        ("classes: {shop.Cart: {awaits: 'a b'}}", 'classes.shop.Cart.awaits: "a b" is no type'),
        ("instances: {shop.cart: slef}", 'instances.shop.cart: "slef" is no type; did you mean "self"?'),
    ],
)
def test_a_bad_type_is_named_with_its_place(tmp_path: Path, model: str, said: str) -> None:
    (tmp_path / "shop.yaml").write_text(f"library: shop\nversion: '1'\nimports: [shop]\n{model}\n", encoding="utf-8")
    with pytest.raises(LibraryError, match="shop.yaml") as refused:
        load_libraries(FOLDER, (), [tmp_path])
    assert said in str(refused.value)


def test_what_copies_keeps_what_it_holds() -> None:
    check(
        """
        class Item: ...

        def f(items: list[Item], table: dict[str, Item]):
            reveal(sorted(items))  # list[Item]
            reveal(tuple(items)[0])  # Item
            reveal(set(items))  # set[Item]
            reveal(list(reversed(items)))  # list[Item]
            reveal(items[1:])  # list[Item]
            reveal(next(iter(items)))  # Item
            reveal(list(filter(None, items)))  # list[Item]
            reveal([i for i in items][0])  # Item
            reveal(table["x"])  # Item
            reveal(table.get("x"))  # Item
            reveal(list(table.values()))  # list[Item]
            for key, value in table.items():
                reveal(value)  # Item
            for key in table:
                reveal(key)  # ?
            for number, item in enumerate(items):
                reveal(item)  # Item
            for one, other in zip(items, table.values()):
                reveal(one)  # Item
                reveal(other)  # Item
            first, *rest = items
            reveal(first)  # Item
        """
    )


def test_a_decorator_makes_an_object_of_a_function() -> None:
    check(
        """
        from celery import Celery, shared_task

        app = Celery()

        class Mail: ...

        @app.task
        def send(address):
            return Mail()

        @app.task(bind=True)
        def bound(self): ...

        @shared_task
        def shared(): ...

        def plain(): ...

        def f():
            reveal(send.delay)  # celery.Task.delay
            reveal(bound.apply_async)  # celery.Task.apply_async
            reveal(shared.delay)  # celery.Task.delay
            reveal(send("x"))  # Mail
            reveal(plain.delay)  # ?
        """
    )


def test_entering_and_awaiting() -> None:
    check(
        """
        import sqlalchemy
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = sqlalchemy.create_engine("x")
        other = create_async_engine("x")

        def f():
            with engine.begin() as connection:
                reveal(connection)  # Connection

        async def g():
            async with other.connect() as connection:
                reveal(connection)  # AsyncConnection
            reveal(await other.connect())  # AsyncConnection
        """
    )


def test_subclasses_of_library_classes_have_their_methods() -> None:
    check(
        """
        import requests
        from django.db import models

        class Session(requests.Session):
            def get(self, url):
                reveal(super().get)  # requests.Session.get
                return super().get(url)

        class Named(models.QuerySet):
            def first(self):
                return super().first()

        class Shop(models.Model):
            objects = Named.as_manager()

        def f():
            reveal(Session().post)  # requests.Session.post
            reveal(Shop.objects.first())  # Shop
        """
    )
