"""What an expression is taken to be: `reveal(x)  # A | B` in a source is a question with its true answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import dedent

from analyzer import assets
from analyzer.extract.python import read
from analyzer.libraries import load_libraries
from analyzer.link import build, link, top_packages
from analyzer.link.evaluate import Evaluator
from analyzer.link.index import ScopeRef, SiteRef, call_at
from analyzer.link.values import ClassRef, Const, Container, External, Frame, Function, Instance, Module, Value
from analyzer.model.facts import Extracted

_TRUTH = re.compile(r"#\s*(.*?)\s*$")


def evaluator(files: Mapping[str, str]) -> Evaluator:
    """The evaluator of a project given as path → source."""
    found = [Extracted(path, read(source.encode())) for path, source in sorted(files.items())]
    index = build(found, ())
    project = link(index, load_libraries(assets.rules() / "libraries", top_packages(index)), (), with_tests=False)
    project.call_graph()
    return project.ev


def shown(ev: Evaluator, value: Value) -> str:
    """One value as a test writes it down."""
    match value:
        case Instance(cls=ScopeRef() as ref, of=of):
            return ev.scope(ref).name + _held(ev, of)
        case Instance(cls=str(name), of=of):
            return name.rpartition(".")[2] + _held(ev, of)
        case ClassRef(ref=ref):
            return f"type[{ev.scope(ref).name}]"
        case External(name=name):
            return name
        case Function(ref=ref):
            return f"def {ev.scope(ref).name}"
        case Const(value=constant):
            return repr(constant)
        case Module(name=name):
            return f"module {name}"
        case Container():
            return "container"
        case _:
            return "?"


def _held(ev: Evaluator, of: tuple[Value, ...]) -> str:
    return f"[{' | '.join(sorted(shown(ev, v) for v in of))}]" if of else ""


def answers(files: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each `reveal` with its place, what it is said to be, and what it is taken to be."""
    ev = evaluator(files)
    for path, source in sorted(files.items()):
        lines = source.splitlines()
        for number, site in enumerate(ev.index.python[path].calls):
            call = call_at(ev.index, SiteRef(path, number))
            if site.callee != "reveal" or call is None:
                continue
            truth = _TRUTH.search(lines[call.at.line - 1])
            assert truth is not None
            values = ev.expr(call.args[0], Frame(ScopeRef(path, site.scope)))
            expected = " | ".join(sorted(truth[1].split(" | ")))
            yield f"{path}:{call.at.line}", expected, " | ".join(sorted({shown(ev, v) for v in values}))


def check(main: str, **others: str) -> None:
    """Every `reveal` of the sources is answered with what stands behind it."""
    files = {"main.py": dedent(main), **{f"{name}.py": dedent(source) for name, source in others.items()}}
    found = list(answers(files))
    assert found
    assert [(place, taken) for place, _, taken in found] == [(place, truth) for place, truth, _ in found]


def test_annotations() -> None:
    check(
        """
        from __future__ import annotations
        import typing as t
        from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
        from typing import TYPE_CHECKING, Annotated, Any, Generic, NewType, Optional, Protocol, Self, TypeVar, Union
        import requests
        from fastapi import Depends
        if TYPE_CHECKING:
            from store import Db
        class Item:
            def me(self) -> Self:
                raise Unknown
            def copy(self) -> "Item":
                raise Unknown
        class Special(Item): ...
        def get_db():
            return Item()
        Dep = Annotated[Item, Depends(get_db)]
        type New = Item
        Either = Union[Item, requests.Session]
        Quoted = "Item"
        Explicit: t.TypeAlias = "Item"
        UserId = NewType("UserId", Item)
        Bound = TypeVar("Bound", bound=Item)
        Of = TypeVar("Of", Item, Special)
        Free = TypeVar("Free")
        def f(
            a: "Item", b: "Db", c: Optional[Item], d: Item | None, e: Annotated[Item, 1], g: Dep, h: New, i: Either,
            j: Quoted, k: UserId, l: Bound, m: type[Item], n: type[requests.Session], o: list[Item],
            p: dict[str, Item], q: t.Sequence["Item"], r: set[Item] | None, s: tuple[Item, ...], u: Iterator[Item],
            v: Callable[[], Item], w: t.Type["Item"], x: Explicit, y: Of, z: "t.Optional[requests.Session]",
            aa: tuple[Item, Special], bb: t.List[t.Dict[str, Item]], cc: Any, dd: Mapping[str, Item],
        ):
            reveal(a)  # Item
            reveal(b)  # Db
            reveal(c)  # Item
            reveal(d)  # Item
            reveal(e)  # Item
            reveal(g)  # Item
            reveal(h)  # Item
            reveal(i)  # Item | Session
            reveal(j)  # Item
            reveal(k)  # Item
            reveal(l)  # Item
            reveal(m)  # type[Item]
            reveal(m())  # Item
            reveal(n)  # requests.Session
            reveal(n())  # Session
            reveal(o)  # list[Item]
            reveal(o[0])  # Item
            reveal(p)  # dict[Item]
            reveal(p["a"])  # Item
            reveal(q)  # Sequence[Item]
            reveal(r)  # set[Item]
            reveal(s)  # tuple[Item]
            reveal(u)  # Iterator[Item]
            reveal(v)  # ?
            reveal(w)  # type[Item]
            reveal(x)  # Item
            reveal(y)  # Item | Special
            reveal(z)  # Session
            reveal(aa[0])  # Item | Special
            reveal(bb)  # list[dict[Item]]
            reveal(cc)  # ?
            reveal(dd)  # Mapping[Item]
            for each in o:
                reveal(each)  # Item
        reveal(Special().me())  # Special
        reveal(Special().copy())  # Item
        """,
        store="class Db: ...",
    )


def test_annotated_results() -> None:
    check(
        """
        from typing import AsyncIterator, Awaitable, Coroutine, Generator, Iterator, Any
        from contextlib import asynccontextmanager, contextmanager
        class Item: ...
        async def one() -> Item: raise Unknown
        def two() -> Awaitable[Item]: raise Unknown
        def three() -> Coroutine[Any, Any, Item]: raise Unknown
        async def four() -> AsyncIterator[Item]:
            yield make()
        @contextmanager
        def five() -> Iterator[Item]:
            yield make()
        @asynccontextmanager
        async def six():
            yield Item()
        def seven() -> Generator[Item, None, None]:
            yield make()
        def eight() -> list[Item]: raise Unknown
        async def run():
            reveal(await one())  # Item
            reveal(await two())  # Item
            reveal(await three())  # Item
            async for x in four():
                reveal(x)  # Item
            with five() as y:
                reveal(y)  # Item
            async with six() as z:
                reveal(z)  # Item
            for w in seven():
                reveal(w)  # Item
            for v in eight():
                reveal(v)  # Item
            reveal([q for q in eight()][0])  # Item
        """
    )


def test_constructors() -> None:
    check(
        """
        from functools import cache, lru_cache, partial, wraps, cached_property
        class Base:
            @classmethod
            def make(cls):
                return cls()
            def clone(self):
                return type(self)()
            def again(self):
                return self.__class__()
            def hello(self):
                return Hello()
            @property
            def greeting(self):
                return Hello()
            @cached_property
            def cached(self):
                return Hello()
            @staticmethod
            def static():
                return Hello()
        class Hello: ...
        class Other: ...
        class Child(Base):
            def hello(self):
                reveal(super().hello())  # Hello
                return Other()
            @classmethod
            def make(cls):
                reveal(super().make())  # Child
                return super().make()
        reveal(Base.make())  # Base
        reveal(Child.make())  # Child
        reveal(Child().clone())  # Child
        reveal(Child().again())  # Child
        reveal(Child().hello())  # Other
        reveal(Child().greeting)  # Hello
        reveal(Child().cached)  # Hello
        reveal(Child.static())  # Hello
        reveal(Child().static())  # Hello
        @lru_cache
        def a(): return Hello()
        @cache
        def b(): return Hello()
        @lru_cache(maxsize=None)
        def c(): return Hello()
        c2 = lru_cache(a)
        def own(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                return f(*args, **kwargs)
            return wrapper
        def parametrized(n):
            def decorator(f):
                def wrapper(*args, **kwargs):
                    return f(*args, **kwargs)
                return wrapper
            return decorator
        @own
        def d(): return Hello()
        @parametrized(3)
        def e(): return Hello()
        def pair(first, second): return second
        reveal(a())  # Hello
        reveal(b())  # Hello
        reveal(c())  # Hello
        reveal(c2())  # Hello
        reveal(d())  # Hello
        reveal(e())  # Hello
        reveal(partial(pair, 1)(Hello()))  # Hello
        reveal(partial(pair, second=Hello())(1))  # Hello
        reveal(partial(Hello)())  # Hello
        def either(flag):
            if flag:
                return Hello()
            return Other()
        reveal(either(1))  # Hello | Other
        """
    )


def test_functions_as_values() -> None:
    check(
        """
        class A: ...
        class B: ...
        make = lambda: A()
        reveal(make())  # A
        same = lambda x: x
        reveal(same(B()))  # B
        reveal((lambda x, y=A(): y)(1))  # A
        def outer(value):
            def inner():
                return value
            return inner
        reveal(outer(A())())  # A
        reveal(outer(B())())  # B
        def adder(x):
            return lambda y: x
        reveal(adder(A())(B()))  # A
        def on_a(): return A()
        def on_b(): return B()
        HANDLERS = {"a": on_a, "b": on_b}
        def run(kind):
            reveal(HANDLERS[kind]())  # A | B
            reveal(HANDLERS["a"]())  # A
            reveal(HANDLERS.get(kind)())  # A | B
        for f in [on_a, on_b]:
            reveal(f())  # A | B
        def apply(f):
            return f()
        reveal(apply(on_a))  # A
        reveal(apply(lambda: B()))  # B
        class Holder:
            def __init__(self, factory):
                self.factory = factory
        reveal(Holder(on_b).factory())  # B
        x = 1
        reveal([x for x in [A()]][0])  # A
        reveal([lambda x: x][0](A()))  # A
        """
    )


def test_bindings() -> None:
    check(
        """
        class A:
            def __enter__(self): return B()
            def __exit__(self, *a): ...
            async def __aenter__(self): return C()
            async def __aexit__(self, *a): ...
            def __iter__(self):
                yield B()
            def __aiter__(self):
                return D()
            def __getitem__(self, key): return B()
            def __call__(self): return C()
            def __add__(self, other): return B()
            def __or__(self, other): return C()
        class B:
            def __iter__(self): return self
            def __next__(self): return C()
        class C: ...
        class D:
            async def __aiter__(self):
                yield C()
        async def run(flag):
            if (n := A()):
                reveal(n)  # A
            a, (b, c) = A(), (B(), C())
            reveal(b)  # B
            reveal(c)  # C
            first, *rest = A(), B(), C()
            reveal(first)  # A
            reveal(rest[0])  # B
            for q in rest:
                reveal(q)  # B | C
            *some, last = A(), B(), C()
            reveal(last)  # C
            with A() as d:
                reveal(d)  # B
            async with A() as e:
                reveal(e)  # C
            for f in A():
                reveal(f)  # B
            async for g in D():
                reveal(g)  # C
            for h in B():
                reveal(h)  # C
            reveal(A()[0])  # B
            reveal(A()())  # C
            reveal(A() + 1)  # B
            reveal(A() | 1)  # C
            reveal(A() if flag else B())  # A | B
            reveal(A() or B())  # A | B
            reveal({k: v for k, v in {"a": A()}.items()}["a"])  # A
            reveal([y for x in [[A()], [B()]] for y in x][0])  # A | B
            for i, (j, k) in enumerate([(A(), B())]):
                reveal(j)  # A
                reveal(k)  # B
        def two():
            return A(), B()
        l, m = two()
        reveal(m)  # B
        """
    )


def test_attributes() -> None:
    check(
        """
        import requests
        from dataclasses import dataclass, field
        from typing import NamedTuple
        from enum import Enum
        from pydantic import BaseModel
        class Db: ...
        class Cache: ...
        class Service:
            client: Db
            slot: Db = None
            __slots__ = ("later",)
            def __init__(self, db, cache=None, session: requests.Session | None = None):
                self.db = db
                self.cache = cache or Cache()
                self.session = session or requests.Session()
                self.a, self.b = Db(), Cache()
                with requests.Session() as self.w:
                    pass
            def start(self):
                self.later = Db()
        class Sub(Service):
            def more(self):
                self.extra = Cache()
                reveal(self.db)  # Db
                reveal(self.later)  # Db
            def use(self):
                reveal(self.extra)  # Cache
        Service(Db())
        reveal(Service(Db()).db)  # Db
        reveal(Service(Db()).cache)  # Cache
        reveal(Service(Db()).session)  # Session
        reveal(Service(Db()).client)  # Db
        reveal(Service(Db()).slot)  # Db
        reveal(Service(Db()).a)  # Db
        reveal(Service(Db()).b)  # Cache
        reveal(Service(Db()).w)  # Session
        reveal(Service(Db()).later)  # Db
        reveal(Sub(Db()).extra)  # Cache
        reveal(Sub(Db()).db)  # Db
        @dataclass
        class Point:
            db: Db
            caches: list[Cache] = field(default_factory=list)
            maybe: Db | None = None
            made: Cache = field(default_factory=Cache)
        reveal(Point(Db()).db)  # Db
        reveal(Point(Db()).caches[0])  # Cache
        reveal(Point(Db()).maybe)  # Db
        reveal(Point(Db()).made)  # Cache
        class Row(NamedTuple):
            db: Db
            name: str
        reveal(Row(Db(), "x").db)  # Db
        class Model(BaseModel):
            db: Db
        reveal(Model(db=Db()).db)  # Db
        class Color(Enum):
            RED = "red"
            BLUE = "blue"
        reveal(Color.RED.value)  # 'red'
        class Outer: ...
        out = Outer()
        out.client = Db()
        def use():
            reveal(out.client)  # Db
            reveal(Outer().client)  # Db
        class Temp:
            def __init__(self):
                self.x: Db | None = None
            def start(self):
                self.x = Db()
            def use(self):
                reveal(self.x)  # Db
        """
    )


def test_state_filled_at_start_up() -> None:
    check(
        """
        import state
        from fastapi import FastAPI, Request
        from state import engine, get
        class Database: ...
        app = FastAPI()
        pool: "Database | None" = None
        other = None
        def start():
            global pool, other
            pool = Database()
            other = Database()
            app.state.db = Database()
            state.late = Database()
        def use(request: Request):
            reveal(pool)  # Database
            reveal(other)  # Database | None
            reveal(app.state.db)  # Database
            reveal(request.app.state.db)  # Database
            reveal(state.late)  # Database | None
            reveal(engine)  # Engine | None
            reveal(get())  # Engine
        """,
        state="""
        class Engine: ...
        engine = None
        late = None
        def get():
            global engine
            if engine is None:
                engine = Engine()
            return engine
        """,
    )


def test_a_property_that_can_be_written_is_what_it_is_when_read() -> None:
    check("""
        class Key: ...
        class Condition:
            @property
            def key(self):
                return Key()
            @key.setter
            def key(self, value):
                self.given = value
        reveal(Condition().key)  # Key
        """)


def test_narrowing() -> None:
    check(
        """
        import requests
        class A: ...
        class B: ...
        class C(A): ...
        def f(x: A | B | None, y: "A | B | C", z, flag):
            if isinstance(x, A):
                reveal(x)  # A
            else:
                reveal(x)  # B
            if isinstance(x, (A, B)):
                reveal(x)  # A | B
            if x is None:
                reveal(x)  # None
                return
            reveal(x)  # A | B
            if not isinstance(x, A):
                raise ValueError
            reveal(x)  # A
            if isinstance(z, requests.Session) and flag:
                reveal(z)  # Session
            reveal(z)  # ?
            if not isinstance(z, A):
                return
            reveal(z)  # A
        def g(x: A | None = None, y: B | None = None):
            if x and y:
                reveal(x)  # A
            reveal(x.a if x else None)  # ? | None
            if not x:
                return
            reveal(x)  # A
            for each in [1]:
                if y is None:
                    continue
                reveal(y)  # B
            assert y is not None
            reveal(y)  # B
        def h(x: A | None):
            if x is None:
                x = B()
            reveal(x)  # A | B
        class S:
            def __init__(self):
                self.c: A | None = None
            def m(self):
                if self.c is None:
                    raise ValueError
                reveal(self.c)  # A
            def n(self):
                if self.c:
                    reveal(self.c)  # A
        """
    )


def test_more_than_four_classes_are_unknown() -> None:
    check(
        """
        class A: ...
        class B: ...
        class C: ...
        class D: ...
        class E: ...
        def four(n):
            return {1: A(), 2: B(), 3: C(), 4: D()}[n]
        def five(n):
            return {1: A(), 2: B(), 3: C(), 4: D(), 5: E()}[n]
        def f(n):
            reveal(four(n))  # A | B | C | D
            reveal(five(n))  # ?
        """
    )


def test_decorators_of_the_project() -> None:
    check(
        """
        import functools
        class A: ...
        class B: ...
        class Failed: ...
        def kept(f):
            @functools.wraps(f)
            def wrapper(*args, **kwargs):
                return f(*args, **kwargs)
            return wrapper
        def replaced(f):
            def wrapper():
                f()
                return B()
            return wrapper
        def asked(kind):
            def decorator(f):
                def wrapper():
                    return B()
                return wrapper
            return decorator
        class Wrapped:
            def __init__(self, f):
                self.f = f
            def __call__(self):
                return B()
        @kept
        def one(value):
            return value
        @replaced
        def two():
            return A()
        @asked("x")
        def three():
            return A()
        @Wrapped
        def four():
            return A()
        class C:
            @kept
            def method(self):
                return A()
        reveal(one(A()))  # A
        reveal(two())  # B
        reveal(three())  # B
        reveal(four())  # B
        reveal(C().method())  # A
        """
    )


def test_what_bases_and_subclasses_say() -> None:
    check(
        """
        from abc import abstractmethod
        class Context: ...
        class Client: ...
        class Other: ...
        class Base:
            def run(self, context: Context, flag=None): ...
            def client(self):
                raise Missing
            @abstractmethod
            def other(self): ...
            def use(self):
                reveal(self.client())  # Client
                reveal(self.other())  # Other
                reveal(self.session)  # Client
        class Job(Base):
            session = Client()
            def run(self, context, flag=None):
                reveal(context)  # Context
            def client(self):
                return Client()
            def other(self):
                return Other()
        """
    )


def test_what_is_put_in_later() -> None:
    check(
        """
        class A: ...
        class B: ...
        def on_a(): return A()
        def run(key):
            rows = []
            for _ in key:
                rows.append(A())
            reveal(rows[0])  # A
            for row in rows:
                reveal(row)  # A
            table = {}
            table["b"] = B()
            reveal(table[key])  # B
            reveal(table.get("b"))  # B | None
            handlers = {}
            handlers[key] = on_a
            reveal(handlers[key]())  # A
        """
    )


def test_numbers() -> None:
    check(
        """
        def count(items: list, share: float):
            total = len(items) + 1
            reveal(total)  # int
            reveal(total / 2)  # float
            reveal(total * share)  # float
            total -= 1
            reveal(total)  # int
        """
    )


def test_what_leads_back_to_itself() -> None:
    check(
        """
        from sqlalchemy import select
        class Node:
            def __init__(self):
                self.parent = None
            def filter(self):
                return self
            def up(self) -> "Node | None": ...
        class Query:
            def where(self):
                return self
        def walk(node: Node, names):
            query = Query()
            for name in names:
                query = query.where()
                reveal(query)  # Query
            reveal(query)  # Query
            while node:
                reveal(node)  # Node
                node = node.up()
        def count(n):
            if n == 0:
                return Query()
            return count(n - 1)
        reveal(count(3))  # Query
        """
    )


def test_star_imports() -> None:
    check(
        """
        from shapes import *
        reveal(Shape)  # type[Shape]
        def f():
            reveal(Shape())  # Shape
        """,
        shapes="class Shape: ...",
    )


def test_what_no_program_should_do() -> None:
    check(
        """
        from one import thing
        class A(B):
            x = 1
        class B(A): ...
        class Meta(type):
            def __call__(cls): return 1
        class Made(metaclass=Meta):
            def go(self): return A()
        class Dynamic:
            def __getattr__(self, name): return A()
        class Shadow(Shadow): ...
        def print(x): return A()
        loop = lambda: loop()
        reveal(B().x)  # 1
        reveal(Dynamic().anything)  # A
        reveal(print(1))  # A
        reveal(thing)  # ?
        reveal(Shadow())  # Shadow
        reveal(loop())  # ?
        type Tree = list[Tree] | dict[str, Tree]
        def f(tree: Tree):
            reveal(tree)  # dict | list
        """,
        one="from two import thing",
        two="from one import thing",
    )


def test_much_of_everything_is_bounded() -> None:
    many = "\n".join(f"        self.a{n} = self.a{n - 1}" for n in range(1, 3000))
    functions = "\n".join(f"def f{n}(): return f{n + 1}()" for n in range(5000))
    check(
        f"class Big:\n    def __init__(self):\n        self.a0 = 1\n{many}\n\n{functions}\n"
        "reveal(Big().a5)  # 1\nreveal(Big().a2999)  # ?\nreveal(f0())  # ?\n"
    )
