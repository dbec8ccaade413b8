"""The call graph: each kind of edge, where each function runs, and what is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer import __version__
from analyzer.cli.statistics import receivers
from analyzer.detection import linked
from analyzer.discover import discover
from analyzer.extract import extract
from analyzer.link import LinkedProject
from analyzer.link.callgraph import CallGraph
from analyzer.link.index import ScopeRef
from analyzer.model.config import Config


def project(root: Path, **files: str) -> LinkedProject:
    """A project of these modules."""
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    config = Config(paths=(str(root),), root=str(root))
    snapshot, _ = discover(config)
    extracted = extract(snapshot.files, jobs=1, front_end="auto", store=None)
    return linked(config, snapshot, extracted, None, __version__, with_tests=False)


def edges(root: Path, **files: str) -> set[str]:
    """Every edge as "caller → callee kind", with where it makes the callee run."""
    found = project(root, **files)
    return {
        f"{_name(found, edge.caller)} → {_name(found, edge.callee)} {edge.kind}{f' on {edge.runs}' if edge.runs else ''}"
        for edge in found.call_graph().edges
    }


def contexts(root: Path, **files: str) -> dict[str, set[str]]:
    found = project(root, **files)
    graph: CallGraph = found.call_graph()
    return {_name(found, ref): {str(one) for one in known} for ref, known in graph.contexts.items()}


def _name(found: LinkedProject, ref: ScopeRef | str) -> str:
    if isinstance(ref, str):
        return ref
    return ".".join(filter(None, (ref.path.removesuffix(".py"), found.ev.scope(ref).qualname)))


def test_a_direct_call_through_an_import_and_a_method(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        db="class Store:\n    def load(self):\n        return 1\n\n\ndef open_store():\n    return Store()\n",
        app="from db import open_store\n\n\ndef handler():\n    return open_store().load()\n",
    )
    assert {"app.handler → db.open_store direct", "app.handler → db.Store.load direct"} <= found


def test_a_method_that_a_subclass_overrides_is_virtual(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
class Job:
    def start(self):
        return self.run()

    def run(self):
        return "nothing"


class Mail(Job):
    def run(self):
        return "sent"


def exactly():
    return Job().run()
""",
    )
    assert {"app.Job.start → app.Job.run direct", "app.Job.start → app.Mail.run virtual"} <= found
    assert "app.exactly → app.Job.run direct" in found
    assert "app.exactly → app.Mail.run virtual" not in found  # it is known to be a Job and nothing else


def test_more_overrides_than_eight_are_not_guessed_but_counted(tmp_path: Path) -> None:
    classes = "".join(f"\n\nclass Job{n}(Job):\n    def run(self):\n        return {n}\n" for n in range(9))
    base = "class Job:\n    def start(self):\n        return self.run()\n\n    def run(self):\n        return 0\n"
    linked_project = project(tmp_path, app=base + classes)
    found = linked_project.call_graph()
    assert not any(edge.kind == "virtual" for edge in found.edges)
    assert found.uncertain == 1
    told = "calls of a method that too many subclasses override to follow them all: 1"
    assert told in [problem.message for problem in linked_project.bounds_met()]


def test_a_mixin_calls_what_only_the_class_that_mixes_it_in_has(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
class Saving:
    def save_all(self):
        return self.rows()


class Orders(Saving):
    def rows(self):
        return []
""",
    )
    assert any(edge.startswith("app.Saving.save_all → app.Orders.rows ") for edge in found)


def test_functions_that_are_handed_over(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
import asyncio
import atexit
import threading
from functools import reduce


def add(a, b):
    return a + b


def work():
    return 1


def total(numbers):
    return reduce(add, numbers)


async def later():
    await asyncio.to_thread(work)


def start():
    threading.Thread(target=work).start()
    atexit.register(work)
""",
    )
    assert "app.total → app.add callback" in found
    assert "app.later → app.work deferred on worker thread" in found
    assert "app.start → app.work deferred on worker thread" in found
    assert "app.start → app.work deferred" in found


def test_a_decorator_of_the_projects_own(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@logged
def load():
    return 1


def handler():
    return load()
""",
    )
    assert "app → app.logged decorator" in found
    assert {"app.handler → app.load direct", "app.handler → app.logged.wrapper direct"} <= found
    assert any(edge.startswith("app.logged.wrapper → app.load ") for edge in found)


def test_a_decorator_that_is_an_object(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
class Logged:
    def __init__(self, logger):
        self.logger = logger

    def __call__(self, function):
        def wrapper(*args):
            return function(*args)

        return wrapper


@Logged("app")
def load():
    return 1


def handler():
    return load()
""",
    )
    assert "app → app.Logged.__call__ decorator" in found
    assert {"app.handler → app.load direct", "app.handler → app.Logged.__call__.wrapper direct"} <= found
    assert "app.Logged.__call__.wrapper → app.load decorator" in found


def test_what_python_calls_without_a_call(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
class Refused(Exception):
    def __init__(self):
        super().__init__("refused")


class Session:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __str__(self):
        return "session"

    def __bool__(self):
        return True

    @property
    def name(self):
        return "name"


def handler():
    with Session() as session:
        print(session.name, str(session) if session else "")
    raise Refused
""",
    )
    special = ("__enter__", "__exit__", "__str__", "__bool__", "name")
    assert {f"app.handler → app.Session.{name} direct" for name in special} <= found
    assert "app.handler → app.Refused.__init__ direct" in found


WEB = """\
from celery import Celery
from fastapi import Depends, FastAPI

app = FastAPI()
queue = Celery("app")


def session():
    return connect()


def connect():
    return 1


@app.get("/sync")
def sync(db=Depends(session)):
    send.delay(1)
    return shared()


@app.get("/async")
async def on_loop():
    return shared()


def shared():
    return 1


@queue.task
def send(number):
    return in_worker(number)


def in_worker(number):
    return number


settings = shared()
"""


def test_collected_arguments_are_a_dict_and_a_tuple(tmp_path: Path) -> None:
    found = edges(tmp_path, app="def save(*rows, **data):\n    return data.get('name'), rows.index(1)\n")
    assert {"app.save → builtins.dict.get direct", "app.save → builtins.tuple.index direct"} <= found


def test_where_functions_run_follows_from_the_endpoints(tmp_path: Path) -> None:
    found = contexts(tmp_path, app=WEB)
    assert found["app.sync"] == {"worker thread"}
    assert found["app.on_loop"] == {"event loop"}
    assert found["app.shared"] == {"worker thread", "event loop", "import time"}
    assert found["app.session"] == found["app.connect"] == {"worker thread"}
    assert found["app.send"] == found["app.in_worker"] == {"task worker"}


def test_a_dependency_and_a_task_are_edges_of_their_own_kind(tmp_path: Path) -> None:
    found = edges(tmp_path, app=WEB)
    assert "app.sync → app.session framework on worker thread" in found
    assert "app.sync → app.send deferred on task worker" in found


def test_a_parameter_that_is_handed_on_keeps_its_class(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
import sqlite3


def rows(connection):
    return connection.execute("SELECT 1")


def through(connection):
    return rows(connection)


def handler():
    return through(sqlite3.connect("app.db"))
""",
    )
    assert "app.rows → sqlite3.Connection.execute direct" in found


def test_receivers_are_counted_and_the_reasons_told(tmp_path: Path) -> None:
    text = "import requests\n\n\ndef ask(client, items):\n    requests.Session().get('/')\n    client.get('/')\n    items[0].get('/')\n"
    found = project(tmp_path, app=text).receivers()
    assert (found.known, found.partly, found.all) == (1, 0, 3)
    assert receivers(found).splitlines() == [
        "receivers      1 of 3 known (33 %), 0 partly",
        "        1  a parameter whose callers are not known (app.py:6)",
        "        1  an item of something not understood (app.py:7)",
    ]


@pytest.mark.parametrize("count, known", [(4, True), (5, False)])
def test_at_most_four_classes_come_together(tmp_path: Path, count: int, known: bool) -> None:
    classes = "".join(f"class C{n}:\n    def get(self):\n        return {n}\n\n\n" for n in range(count))
    calls = "".join(f"    ask(C{n}())\n" for n in range(count))
    found = edges(tmp_path, app=f"{classes}def ask(client):\n    return client.get()\n\n\ndef main():\n{calls}")
    assert ("app.ask → app.C0.get direct" in found) is known


def test_what_is_made_a_text_runs_the_method_that_says_how(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
import logging
from dataclasses import dataclass
from enum import Enum

log = logging.getLogger(__name__)


class User:
    def __str__(self):
        return "user"


class Order:
    def __repr__(self):
        return "order"


class Price:
    def __format__(self, spec):
        return "price"

    def __str__(self):
        return "price"


class Refused(Exception):
    def __repr__(self):
        return "refused"


@dataclass
class Line(Order):
    number: int


class Status(Enum):
    OPEN = "open"

    def __str__(self):
        return "open"


def in_f_string(user: User, order: Order, price: Price):
    return f"{user} {order} {price}"


def by_conversion(user: User, order: Order, price: Price):
    return f"{user!r} {order!r} {price!s}"


def percent(user: User, order: Order):
    return "%d of %*s: %s" % (user, 3, order, user)


def percent_by_name(user: User, order: Order):
    return "%(user)s %(order)d" % {"user": user, "order": order}


def braces(user: User, order: Order, price: Price):
    return "{0.name} {1} {left!r}".format(user, price, left=order)


def printed(user: User):
    print("user", user)


def logged(user: User, order: Order):
    log.info("%s, not %d", user, order)


def caught():
    try:
        logged(None, None)
    except Refused as error:
        return f"{error} {error!s}"


def generated(line: Line):
    return f"{line}"


def listed(orders: list[Order]):
    return str(orders)


def member():
    return str(Status.OPEN)


def of_two(user: User, order: Order):
    return f"{user.left} {order.left}"
""",
    )
    text = {line for line in found if line.partition(" → ")[2].split()[0].endswith("__")}
    assert text == {
        f"app.{caller} → app.{method} direct"
        for caller, methods in {
            "in_f_string": ("User.__str__", "Order.__repr__", "Price.__format__"),
            "by_conversion": ("Order.__repr__", "Price.__str__"),
            "percent": ("User.__str__", "Order.__repr__"),
            "percent_by_name": ("User.__str__",),
            "braces": ("Price.__format__", "Order.__repr__"),
            "printed": ("User.__str__",),
            "logged": ("User.__str__",),
            "listed": ("Order.__repr__",),
            "member": ("Status.__str__",),
        }.items()
        for method in methods
    }


def test_attributes_of_two_things_in_one_text_are_told_apart(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        app="""\
class Name:
    def __str__(self):
        return "name"


class Label:
    def __str__(self):
        return "label"


class User:
    def __init__(self):
        self.shown = Name()


class Order:
    def __init__(self):
        self.shown = Label()


def handler(user: User, order: Order):
    return f"{user.shown} {order.shown}"
""",
    )
    assert {f"app.handler → app.{name}.__str__ direct" for name in ("Name", "Label")} <= found


def test_more_functions_than_are_followed_are_given_to_a_parameter(tmp_path: Path) -> None:
    checks = "".join(f"def check{n}():\n    return {n}\n\n\n" for n in range(9))
    calls = "".join(f"    Checked(check{n}).run()\n" for n in range(9))
    text = f"""\
class Checked:
    def __init__(self, check):
        self.check = check

    def run(self):
        return self.check()


def decorated(function):
    def wrapper():
        return function()

    return wrapper


{checks}def main():
{calls}
"""
    more = "".join(f"@decorated\ndef other{n}():\n    return {n}\n\n\n" for n in range(9))
    found = edges(tmp_path, app=text + more)
    assert {f"app.Checked.run → app.check{n} given" for n in range(9)} <= found
    assert "app.decorated.wrapper → app.other1 decorator" in found
    assert "app.decorated.wrapper → app.other1 given" not in found


def test_what_is_given_to_one_of_several_functions_reaches_none_of_them_for_sure(tmp_path: Path) -> None:
    checks = "".join(f"def check{n}():\n    return {n}\n\n\n" for n in range(9))
    calls = "".join(f"    through(first, check{n})\n    through(second, check{n})\n" for n in range(9))
    text = "def first(check):\n    return check()\n\n\ndef second(check):\n    return check()\n\n\n"
    text += "def through(step, check):\n    return step(check)\n\n\n"
    found = edges(tmp_path, app=f"{text}{checks}def main():\n{calls}")
    assert {"app.through → app.first direct", "app.through → app.second direct"} <= found
    assert not any(line.endswith(" given") for line in found)


def test_a_class_or_function_by_the_name_that_a_setting_gives_it(tmp_path: Path) -> None:
    found = edges(
        tmp_path,
        settings='INSTALLED_APPS = []\nMIXIN = "mixins.Saving"\nCHECK = "missing.Checking"\n',
        mixins="class Saving:\n    def store(self):\n        return 1\n\n\ndef total():\n    return 2\n",
        app="""\
from importlib import import_module

from django.conf import settings
from django.utils.module_loading import import_string


def load(name):
    if isinstance(name, str):
        return import_string(name)
    return name


class Order(load(settings.MIXIN)):
    pass


class Lost(load(settings.CHECK)):
    pass


def handler(order: Order, lost: Lost):
    order.store()
    lost.store()
    import_string("mixins.total")()
    import_module("mixins").total()


def unknown(name):
    import_string(name)()
""",
    )
    calls = {line for line in found if " → mixins." in line}
    assert calls == {"app.handler → mixins.Saving.store direct", "app.handler → mixins.total direct"}
