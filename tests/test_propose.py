"""The developer's script that proposes library types: from a tiny package, what its annotations say and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from analyzer.library_files import decode_model
from analyzer.model.library import Library, Model, Operation

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "propose.py"
FILES = {
    "shop/__init__.py": """
        from ._store import Store as Store, connect
        from .orders import *
        from .orders import Order
        raise RuntimeError("reading is not importing")
    """,
    "shop/_store.py": """
        from __future__ import annotations
        import typing as t
        from collections.abc import AsyncIterator, Iterator
        from contextlib import asynccontextmanager, contextmanager
        from datetime import datetime
        from .orders import Order, Page

        T = t.TypeVar("T")

        class Base:
            def close(self) -> None: ...

        class Store(Base):
            page: Page[Order] | None = None
            def __init__(self, url: str, first: Order):
                self.first = first
                self.cursor = Cursor()
                self._hidden = Cursor()
            def filter(self, **by) -> t.Self: ...
            def last(self) -> "t.Optional[Order]": ...
            def all(self) -> list[Order]: ...
            def by_name(self) -> dict[str, Order]: ...
            def walk(self) -> Iterator[Order]: ...
            async def refresh(self) -> Order: ...
            async def follow(self) -> AsyncIterator[Order]:
                yield self.first
            def get(self, kind: type[T], key) -> T: ...
            def either(self) -> Order | Cursor: ...
            def any_of(self) -> list[Order | Cursor]: ...
            def pairs(self) -> dict[str, list[Order]]: ...
            def many(self) -> t.Union[t.Self, Order]: ...
            def wait(self, seconds: float, then: T) -> T: ...
            def when(self) -> datetime: ...
            @classmethod
            def memory(cls) -> t.Self: ...
            @property
            def newest(self) -> Order: ...
            @newest.setter
            def newest(self, order: Order) -> None: ...
            @t.overload
            def find(self, key: str) -> Order: ...
            @t.overload
            def find(self, key: int) -> Cursor: ...
            def find(self, key): ...
            def unannotated(self):
                return self
            def made(self):
                return Cursor()
            def sometimes(self, flag):
                if flag:
                    return Cursor()
                return Order()
            def __enter__(self) -> Cursor: ...
            def __await__(self) -> t.Generator[t.Any, None, Cursor]: ...

        class Cursor(t.List[Order]):
            def __iter__(self) -> Iterator[Order]: ...

        def connect(url: str) -> Store: ...

        @contextmanager
        def locked() -> Iterator[Cursor]: ...
    """,
    "shop/orders.py": """
        import typing
        from typing import Generic, TypeVar
        from shop.hidden import helper
        __all__ = ["Order", "Page", "current"]
        R = TypeVar("R")

        class Order:
            total: int

        class Rates(typing.Mapping[str, Order]): ...

        class Page(Generic[R]):
            def first(self) -> R | None: ...
            def rows(self) -> list[R]: ...

        current: Order = helper()
        basket = Order()
    """,
    "shop/broken.py": "def (",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return unpacked(tmp_path / "unpacked", FILES)


def unpacked(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def proposed(tmp_path: Path, *arguments: object) -> Library:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "shop.yaml"
    file.write_text(done.stdout, encoding="utf-8")
    return decode_model(file, Library)


def test_annotations_become_types(shop: Path, tmp_path: Path) -> None:
    library = proposed(tmp_path, shop, "--import", "shop")
    store = library.classes["shop.Store"]
    order, cursor = "shop.Order", "shop._store.Cursor"
    assert store.methods == {
        "filter": Operation(self_typed=True),
        "last": Operation(returns=order),
        "all": Operation(returns=f"builtins.list[{order}]"),
        "by_name": Operation(returns=f"builtins.dict[{order}]"),
        "walk": Operation(element=order),
        "refresh": Operation(returns=order, is_async=True),
        "follow": Operation(element=order),
        "get": Operation(returns="argument"),
        "either": Operation(returns=f"{order} | {cursor}"),
        "any_of": Operation(returns=f"builtins.list[{order} | {cursor}]"),
        "pairs": Operation(returns=f"builtins.dict[builtins.list[{order}]]"),
        "find": Operation(returns=f"{order} | {cursor}"),
        "sometimes": Operation(returns=f"{cursor} | {order}"),
        "memory": Operation(returns="shop.Store"),
        "unannotated": Operation(self_typed=True),
        "made": Operation(returns=cursor),
    }
    assert store.attributes == {"page": f"shop.Page[{order}]", "first": order, "cursor": cursor, "newest": order}
    assert (store.bases, store.enters, store.awaits) == (("shop._store.Base",), cursor, cursor)
    assert library.classes[cursor] == Model(bases=("builtins.list",), element=order)
    assert library.classes["shop.orders.Rates"].bases == ("collections.abc.Mapping",)
    assert library.classes["shop.Page"].methods == {
        "first": Operation(returns="item"),
        "rows": Operation(returns="builtins.list[item]"),
    }


def test_functions_instances_and_spellings(shop: Path, tmp_path: Path) -> None:
    library = proposed(tmp_path, shop, "--import", "shop")
    assert library.functions == {"shop.connect": Operation(returns="shop.Store")}
    assert library.instances == {"shop.current": "shop.Order", "shop.orders.basket": "shop.Order"}
    assert library.aliases == {"shop._store.*": "shop.*", "shop.orders.*": "shop.*"}


def test_what_no_type_can_say_is_a_comment(shop: Path) -> None:
    out = run(shop, "--import", "shop").stdout
    assert "# shop.Store.many: itself or shop.Order\n" in out
    assert "# shop.Store.wait: the type variable T\n" in out
    assert "# shop.Store.when: datetime.datetime of another library\n" in out


def test_a_stub_stands_for_its_source_and_hands_on_no_import_of_its_own(shop: Path, tmp_path: Path) -> None:
    unpacked(
        shop,
        {
            "shop-stubs/__init__.pyi": "from .prices import *\nfrom .orders import *\n",
            "shop-stubs/prices.pyi": "from shop import Order\ndef price(order: Order) -> Order: ...\n",
            "shop-stubs/orders.pyi": "class Order:\n    total: str\n",
        },
    )
    library = proposed(tmp_path, shop, "--import", "shop")
    assert library.classes["shop.Order"].attributes == {"total": "builtins.str"}
    assert library.functions["shop.price"] == Operation(returns="shop.Order")


def test_only_what_backends_use_is_kept_most_used_first(shop: Path, tmp_path: Path) -> None:
    backend = unpacked(
        tmp_path / "backend",
        {
            "main.py": """
                import shop
                from shop._store import connect
                store = connect("")
                store.last().total
                store.last()
                shop.connect("").all()
            """,
            "other.py": "thing.walk()\n",  # does not import the library
        },
    )
    done = run(shop, "--import", "shop", "--used", backend)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "shop.connect: {returns: shop.Store}  # 2" in lines
    assert lines.index("last: {returns: shop.Order}  # 2") < lines.index(
        'all: {returns: "builtins.list[shop.Order]"}  # 1'
    )
    assert "walk" not in done.stdout and "shop.current" not in done.stdout
    assert "shop.Order:" in lines, "a class that `last` leads to"


def test_a_file_is_checked_against_the_source(shop: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(
        dedent("""
            library: shop
            version: 1.0
            imports: [shop]
            aliases: {shop._store.*: shop.*}
            functions:
              shop.connect: {returns: shop.Order, parameters: {address: {role: timeout}, url: {role: timeout, position: 1}}}
              shop.disconnect: {}
            classes:
              shop.Store:
                bases: [shop.Page]
                methods:
                  last: {returns: shop.Order}
                  all: {returns: builtins.set}
                  refresh: {returns: shop.Order}
                  newest: {}
                  gone: {}
                attributes: {first: shop.Cursor}
              shop.Cursor: {}
        """).replace("version: 1.0", 'version: "1.0"'),
        encoding="utf-8",
    )
    done = run(shop, "--import", "shop", "--known", known)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "not read, a newer Python may: shop/broken.py",
        "functions.shop.connect.returns: the file says shop.Order, the source says shop.Store",
        "functions.shop.connect.parameters.address: the source has no such parameter",
        "functions.shop.connect.parameters.url: the file says position 1, the source says 0",
        "functions.shop.disconnect: the source has no such name",
        "classes.shop.Store: shop.Page is a base in the file, not in the source (shop._store.Base)",
        "classes.shop.Store.methods.all.returns: the file says builtins.set, the source says builtins.list[shop.Order]",
        "classes.shop.Store.methods.refresh: awaited in the source, not in the file",
        "classes.shop.Store.methods.newest: a method in the file, an attribute in the source (shop.Order)",
        "classes.shop.Store.methods.gone: the source has no such method",
        "classes.shop.Store.attributes.first: the file says shop.Cursor, the source says shop.Order",
    ]
    assert "last:" not in done.stdout and "walk:" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--import", "market"), 'no package "market" in '),
        (("--import", "shop", "--used", "/no/such"), "/no/such: no such file"),
    ],
)
def test_errors_show_a_good_use(shop: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(shop, *arguments)
    assert done.returncode == 1
    assert message in done.stderr and "for example: propose.py" in done.stderr and "Traceback" not in done.stderr
