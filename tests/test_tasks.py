"""Queues, clocks and clouds: what their tables hold, and that nobody outside is taken to ask for a task."""

from __future__ import annotations

from pathlib import Path

from backends import declared, paths
from test_callgraph import contexts, project

from analyzer.extract.entries import read
from analyzer.frameworks import channels, clouds, connexion, grpc, litestar, pyramid, serverless, sockets, tasks
from analyzer.frameworks.django import declare as django
from analyzer.frameworks.sources import read as read_call
from analyzer.link.index import SiteRef
from analyzer.link.values import Opaque
from analyzer.model.answer import Unknown
from analyzer.model.endpoint import Serves
from analyzer.model.facts import TextFacts
from analyzer.model.location import Location, Span
from analyzer.model.project import Origin
from analyzer.model.source import FileKind

QUEUE = """\
from celery import Celery, shared_task

app = Celery("shop")


@app.task
def send(address):
    store(address)


def store(address):
    return address
"""
WEB = """\
from flask import Flask

from work import send

web = Flask(__name__)


@web.post("/orders")
def order():
    send.delay("somebody")
"""


def test_a_task_is_no_http_endpoint(tmp_path: Path) -> None:
    found = project(tmp_path, work=QUEUE, web=WEB)
    assert [app.framework for app in found.apps()] == ["flask"]
    [queue] = found.apps(Serves.TASKS)
    assert [(e.methods, e.path, e.framework, e.app) for e in queue.endpoints] == [
        (("TASK",), "work.send", "celery", "work.py:app")
    ]
    assert isinstance(queue.endpoints[0].authentication, Unknown)


def test_what_a_task_runs_is_reached_by_the_task_and_by_whoever_sends_it(tmp_path: Path) -> None:
    sent = project(tmp_path, work=QUEUE, web=WEB)
    assert sent.endpoints_reaching(Location("work.py", Span(12, 4, 12, 18))) == ("POST /orders", "TASK work.send")
    (tmp_path / "web.py").unlink()
    alone = project(tmp_path, work=QUEUE)
    assert alone.endpoints_reaching(Location("work.py", Span(12, 4, 12, 18))) == ("TASK work.send",)


def test_a_tasks_parameters_are_no_clients(tmp_path: Path) -> None:
    found = project(tmp_path, work=QUEUE)
    found.apps()
    assert not found.ev.handlers
    number = next(n for n, site in enumerate(found.ev.index.python["work.py"].calls) if site.callee == "store")
    called = read_call(found.ev, SiteRef("work.py", number))
    assert called is not None
    values = found.ev.expr(called[0].args[0], called[1])
    assert [value.origin for value in values if isinstance(value, Opaque)] == [Origin.PARAMETER]


def test_a_class_that_is_a_task_runs_in_a_worker(tmp_path: Path) -> None:
    source = """\
from celery import Celery, Task

app = Celery("shop")


class Send(Task):
    def run(self):
        return help()


def help():
    return 1


app.register_task(Send())
"""
    found = contexts(tmp_path, work=source)
    assert found["work.help"] == {"task worker"}


def test_tasks_of_two_applications_are_told_apart() -> None:
    found = declared(
        tasks.declare,
        {
            "mail/app.py": 'from celery import Celery\napp = Celery("mail")\n',
            "mail/tasks.py": "from celery import shared_task\n\n@shared_task\ndef send():\n    ...\n",
            "bills/app.py": 'from celery import Celery\nbills = Celery("bills")\n\n@bills.task\ndef charge():\n    ...\n',
        },
    )
    assert {one.app.key: [e.path for e in one.app.endpoints] for one in found} == {
        "bills/app.py:bills": ["bills.app.charge"],
        "mail/app.py:app": ["mail.tasks.send"],
    }


def test_nothing_is_declared_where_nothing_is_used() -> None:
    modules = (channels, clouds, connexion, grpc, litestar, pyramid, serverless, sockets, tasks)
    assert [list(declared(one.declare, {"main.py": "import os\n"})) for one in modules] == [[]] * len(modules)


def test_circles_end() -> None:
    source = """\
        from litestar import Litestar, Router, get

        @get("/x")
        async def x() -> None: ...

        a = Router(path="/a", route_handlers=[x])
        b = Router(path="/b", route_handlers=[a])
        a.register(b)
        app = Litestar(route_handlers=[a])
        """
    [found] = declared(litestar.declare, {"main.py": source})
    assert list(paths(found.app)) == ["GET /a/x"]
    source = """\
        from ninja import NinjaAPI, Router
        from django.urls import path

        api, one, two = NinjaAPI(), Router(), Router()
        api.add_router("/one", one)
        one.add_router("/two", two)
        two.add_router("/one", one)

        @two.get("/x")
        def x(request): ...

        urlpatterns = [path("api/", api.urls)]
        """
    [urls] = declared(django, {"urls.py": source})
    assert list(paths(urls.app)) == ["GET /api/one/two/x"]


def test_a_document_that_is_not_there() -> None:
    source = "import connexion\napp = connexion.FlaskApp(__name__)\napp.add_api('gone.yaml')\n"
    [found] = declared(connexion.declare, {"main.py": source})
    assert list(paths(found.app)) == ["* /…"]
    assert isinstance(found.app.complete, Unknown)


def test_templates_full_of_variables() -> None:
    entries = {
        "provider.name": "aws",
        "provider.runtime": "${param:runtime}",
        "functions.go.handler": "${file(handlers.yml):go}",
        "functions.go.events.0.http.path": "${self:custom.path}",
        "functions.go.events.0.http.method": "get",
    }
    [found] = declared(serverless.declare, {"main.py": ""}, entries={"serverless.yml": entries})
    assert list(paths(found.app)) == ["GET /${self:custom.path}"]
    assert found.handlers == ()


def test_another_clouds_functions_are_not_guessed() -> None:
    entries = {"provider.name": "google", "functions.go.handler": "go", "functions.go.events.0.http": "path"}
    assert list(declared(serverless.declare, {"main.py": ""}, entries={"serverless.yml": entries})) == []
    other = {"functions.go.lang": "python3", "functions.go.handler": "./go"}
    assert list(declared(serverless.declare, {"main.py": ""}, entries={"stack.yml": other})) == []


def test_services_of_a_proto_file() -> None:
    text = b"""\
package a.b; // package no;
/* service Never { rpc X(Y) returns (Z); } */
service One { rpc Do(A) returns (stream B) { option x = "rpc Not(A) returns (B)"; } }
service Two { rpc Done(.a.b.A) returns (B);
"""
    found = read(text, FileKind.PROTO)
    assert isinstance(found, TextFacts)
    assert [(entry.key, entry.value) for entry in found.entries] == [
        ("package", "a.b"), ("services.One.Do", "A stream B"), ("services.Two.Done", ".a.b.A B"),
    ]  # fmt: skip
