"""Methods of what nobody knows: a common name is never a library's operation, a telling one is doubtful at most.

Every method of every library model is called on every kind of unknown receiver, and no rule says a word; then real
code shapes, rule family by rule family, and the few names that speak for themselves.
"""

from __future__ import annotations

import keyword
from functools import cache
from textwrap import dedent, indent

import pytest
from marks import judge

from analyzer import assets
from analyzer.libraries import Libraries, load_libraries
from analyzer.library_files import imports_of, models
from analyzer.link.calls import _tells as tells
from analyzer.link.unproved import _EXECUTING, _SELECTING

COMMON = (
    "get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "filter", "exclude",
    "all", "first", "one", "execute", "fetch", "fetchall", "fetchone", "update", "insert", "select", "query",
    "connect", "cursor", "close", "commit", "rollback", "begin", "scalar", "run", "call", "read", "write", "load",
    "loads", "dump", "open", "publish", "consume", "subscribe", "set", "setex", "incr", "expire", "keys", "scan",
    "delay", "apply", "submit", "map", "start", "stop", "wait", "join", "acquire", "hash", "verify", "sign",
    "encrypt", "decrypt", "encode", "decode", "connection", "session", "table", "from_table", "rpc", "raw", "extra",
    "order_by",
)  # fmt: skip
TELLING = ("executemany", "executescript", "fetchrow", "fetchval", "mogrify", "exec_driver_sql")


@cache
def packages() -> tuple[str, ...]:
    """Every package that a library model is about: a model is loaded where its package is imported."""
    folder = assets.rules() / "libraries"
    return tuple(sorted({name for path in models(folder) for name in imports_of(path)} - {"builtins"}))


@cache
def libraries() -> Libraries:
    return load_libraries(assets.rules() / "libraries", packages())


@cache
def methods() -> tuple[str, ...]:
    """The names of all methods and functions that a rule may ask for, because a library model says something of them."""
    operations = [item for model in libraries().classes.values() for item in model.methods.items()]
    operations += [(name.rpartition(".")[2], operation) for name, operation in libraries().functions.items()]
    words = {word for word, operation in operations if tells(operation)}
    return tuple(sorted(word for word in words - set(COMMON) - set(_SELECTING) if not keyword.iskeyword(word)))


RECEIVERS = {
    "a parameter": "async def f(x, items):\n    {calls}",
    "a parameter of any type": "from typing import Any\nasync def f(x: Any, items):\n    {calls}",
    "a parameter that is some object": "async def f(x: object, items):\n    {calls}",
    "a parameter of a class that is not here": "async def f(x: 'Session', items):\n    {calls}",
    "a parameter of a class of a library without model": "from strange import Session\nasync def f(x: Session, items):\n    {calls}",
    "something of a library without model": "import strange\nx = strange.Session()\nasync def f(items):\n    {calls}",
    "a module without model": "from strange import requests as x\nasync def f(items):\n    {calls}",
    "collected arguments": "async def f(items, *given, **named):\n    x = named['client']\n    {calls}",
    "an argument by place": "async def f(items, *given):\n    x = given[0]\n    {calls}",
    "a name that is not defined": "async def f(items):\n    {calls}",
    "an attribute that nobody assigns": "class A:\n  async def f(self, items):\n    x = self.session\n    {calls}",
    "an attribute of a class with a base that is not known":
        "from strange import Base\nclass A(Base):\n  async def f(self, items):\n    x = self.session\n    {calls}",
    "an object with a base that is not known": "from strange import Base\nclass A(Base):\n  async def f(x, items):\n    {calls}",
    "what an unknown function gives": "async def f(items):\n    x = unheard(items)\n    {calls}",
    "what is awaited of it": "async def f(items, pool):\n    x = await pool.acquire()\n    {calls}",
    "what it enters": "async def f(items, pool):\n    async with pool.session() as x:\n        {calls}",
    "an item of something unknown": "async def f(items, pools):\n    x = pools['session']\n    {calls}",
    "an item of something that is iterated over": "async def f(items, pools):\n    for x in pools:\n        {calls}",
    "what getattr finds": "import requests\nasync def f(items, name):\n    x = getattr(requests, name)\n    {calls}",
    "what import_module finds": "import importlib\nasync def f(items, name):\n    x = importlib.import_module(name)\n    {calls}",
    "a caught exception": "async def f(items):\n    try:\n        unheard()\n    except Unheard as x:\n        {calls}",
    "a lambda's parameter": "async def f(items, map_):\n    map_(lambda x: [\n{parts}    ])\n",
    "a comprehension's variable": "async def f(items, pools):\n    return [[\n{parts}    ] for x in pools]\n",
    "a class of the project": "class Client:\n    def __getattr__(self, name): ...\nasync def f(x: Client, items):\n    {calls}",
    "a dictionary": "async def f(items):\n    x = {'session': items}\n    {calls}",
    "None": "async def f(items):\n    x = None\n    {calls}",
}  # fmt: skip
GIVEN = (
    "'https://example.org/x'",
    "'x', verify=False, timeout=None, shell=True, debug=True, key='s3cret-9f8K2m'",
    "'SELECT id FROM users WHERE name = %s', (items,)",
    "f'{items}-1'",
)


def found(files: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Path, rule, confidence and line of everything that any rule says of files that import every library."""
    imported = "".join(f"import {name} as _{name}\n" for name in packages())
    sources = {path: imported + text for path, text in files.items()}
    judged = judge({path: text.encode() for path, text in sources.items()})
    assert judged.problems == ()
    return [
        (f.at.path, f.rule, str(f.confidence), sources[f.at.path].splitlines()[f.at.span.line - 1].strip())
        for f in judged.findings
    ]


def calls(number: int) -> tuple[str, str]:
    """Calls of common methods with all arguments and of half of the others with one, as statements and as items.

    Every other statement stands in a loop. The numbers of receivers take turns: each method is called on half of them.
    """
    every = [f"x.{word}({given})" for word in COMMON for given in GIVEN]
    every += [
        f"x.{word}({GIVEN[(n // 2 + number) % len(GIVEN)]})" for n, word in enumerate(methods()) if (n + number) % 2
    ]
    statements = [f"{'for item in items: ' if n % 2 else ''}{call}\n" for n, call in enumerate(every)]
    return "".join(statements), "".join(f"        {call},\n" for call in every)


def test_no_method_of_any_library_is_seen_on_an_unknown_receiver() -> None:
    assert len(methods()) > 300
    files = {}
    for number, (what, text) in enumerate(RECEIVERS.items()):
        statements, parts = calls(number)
        head, _, _ = text.replace("{parts}", parts).partition("{calls}")
        margin = head[head.rindex("\n") + 1 :]
        code = indent(statements, margin).removeprefix(margin) if "{calls}" in text else ""
        files[what.replace(" ", "_") + ".py"] = head + code
    assert found(files) == []


def test_the_same_calls_are_seen_where_the_receiver_is_known() -> None:
    """Else the test above would hold for a tool that sees nothing."""
    said = found({"known.py": "async def f(items):\n    x = _requests.Session()\n" + indent(calls(0)[0], "    ")})
    assert {"tls-verification-off", "blocking-call-in-async"} <= {rule for _, rule, _, _ in said}
    assert any(line.startswith("x.get(") for *_, line in said)


# ------------------------------------------------------------------ names that speak for themselves


@pytest.mark.parametrize("word", ["execute", "fetch", *TELLING])
def test_a_statement_in_an_unknown_call_is_doubtful_sql(word: str) -> None:
    """The text is what speaks: the same method with another text says nothing, nor a common method with this text."""
    source = dedent(f"""
        def find(x, name):
            x.{word}("SELECT id FROM users WHERE name = '" + name + "'")
            x.{word}("plan for " + name)
            x.{word}(name)
            x.submit("SELECT id FROM users WHERE name = '" + name + "'")
            x.run("SELECT id FROM users WHERE name = '" + name + "'")
            x.query(f"DELETE FROM users WHERE name = '{{name}}'")
    """)
    assert found({"app.py": source}) == [
        ("app.py", "raw-sql", "low", f"""x.{word}("SELECT id FROM users WHERE name = '" + name + "'")""")
    ]


def test_also_where_the_clients_own_words_arrive() -> None:
    source = dedent("""
        from flask import Flask, request
        app = Flask(__name__)
        @app.get("/users/<name>")
        def find(name):
            with app.extensions["pool"].connection() as cursor:
                cursor.execute(f"SELECT id FROM users WHERE name = '{request.args['name']}'")
            unheard.execute(f"run {request.args['name']}")
    """)
    said = [(rule, confidence, line) for _, rule, confidence, line in found({"app.py": source}) if rule == "raw-sql"]
    assert said == [
        ("raw-sql", "low", """cursor.execute(f"SELECT id FROM users WHERE name = '{request.args['name']}'")""")
    ]


def test_a_selection_of_an_unknown_client_is_doubtful() -> None:
    source = dedent("""
        def load(x):
            x.from_("auth_system.users").select("*").execute()
            x.from_("users").select("*").execute()
            x.table("auth_system.users").select("*").execute()
            x.select("auth_system.users").execute()
            x.storage.from_("avatars.public").list()
    """)
    assert found({"app.py": source}) == [
        ("app.py", "dotted-table-name", "low", 'x.from_("auth_system.users").select("*").execute()')
    ]


def test_no_other_name_is_taken_for_a_librarys() -> None:
    """A name that is added here needs a reason and a case of its own."""
    assert set(_EXECUTING) == {"execute", "fetch", *TELLING}
    assert set(_SELECTING) == {"from_"}


# ------------------------------------------------------------------ real code, rule family by rule family

SILENT = {
    "a repository of the project that is handed in": """
        async def read(users, sessions, user_id):
            user = await users.get(user_id)
            for session in await sessions.filter(user=user):
                await sessions.delete(session.id)
                sessions.update(session.id, verify=False)
            return await users.execute("all", timeout=None)
    """,
    "dictionaries, headers and query strings": """
        async def read(request, headers, config):
            payload = await request.json()
            for key in payload.get("keys", []):
                headers.get(key)
                config.get("db").get("password")
                payload["items"].pop(key)
            return payload.get("u")
    """,
    "a client of the project's own with the names of another": """
        class Client:
            def __init__(self, transport):
                self.transport = transport
                self.session = transport.session()
            async def get(self, path):
                return await self.transport.request("GET", path, timeout=None)
            async def post(self, path):
                for part in path.parts:
                    self.session.post(part, verify=False)
                return self.session.send(path)
        class Service:
            def __init__(self, client):
                self.client = client
            async def all(self, paths):
                return [self.client.get(path) for path in paths]
    """,
    "queues, channels and tasks that are handed in": """
        async def publish(channel, queue, task, producer, items):
            for item in items:
                channel.basic_publish("", "orders", item)
                queue.put(item)
                queue.get()
                task.delay(item)
                task.apply_async((item,))
                producer.send("orders", item)
            queue.join()
    """,
    "caches that are handed in": """
        async def remember(cache, keys):
            for key in keys:
                cache.get(key)
                cache.set(key, 1)
                cache.incr(key)
                cache.expire(key, 3)
            cache.pipeline().execute()
    """,
    "connections that are handed in, without a text": """
        async def store(connection, rows, statement):
            with connection.cursor() as cursor:
                for row in rows:
                    cursor.execute(statement, row)
                    cursor.fetchone()
                    connection.commit()
            connection.connect()
            connection.query(statement).all()
    """,
    "processes, files and threads that are handed in": """
        async def work(process, file, thread, lock, executor, items):
            for item in items:
                process.communicate(item)
                process.wait()
                file.write(item)
                file.read()
                executor.submit(item)
            thread.join()
            lock.acquire()
            process.run(items, shell=True)
            process.check_output(items, shell=True)
    """,
    "mail and other services that are handed in": """
        async def tell(server, mailer, users):
            for user in users:
                server.sendmail("a", user, "c")
                server.send_message(user)
                mailer.send(user)
            server.login("a", "b")
            server.quit()
    """,
    "loaders and hashers that are handed in": """
        def read(loader, hasher, data, password):
            loader.load(data)
            loader.loads(data)
            hasher.md5(password)
            hasher.sha1(password).hexdigest()
            hasher.new("md5", password)
            hasher.update(password)
    """,
    "applications and routers that are handed in": """
        def register(app, router, service):
            @app.get("/users")
            def users():
                return service.get("u")
            @router.post("/login")
            async def login():
                return service.post("u")
            app.route("/x")(users)
            app.add_url_rule("/y", view_func=users)
            app.run(debug=True)
            app.include_router(router)
    """,
    "migrations that are handed in": """
        def upgrade(op, schema):
            op.create_table("users_backup")
            op.rename_table("users", "users_old")
            op.execute("users_backup")
            schema.create("users_backup")
    """,
    "whatever tries again": """
        def tried(retry, client, attempts):
            for attempt in range(attempts):
                try:
                    return client.get("u")
                except retry.Error:
                    client.sleep(1)
            return retry.call(client.post, tries=10)
    """,
}


@pytest.mark.parametrize("shape", SILENT)
def test_real_code_with_unknown_receivers_is_silent(shape: str) -> None:
    assert found({"app.py": dedent(SILENT[shape])}) == []
