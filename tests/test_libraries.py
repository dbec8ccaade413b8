"""The library models: every built-in file is sound, its facts are those of the libraries, and bad files are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer import assets
from analyzer.libraries import (
    Libraries,
    assignment,
    attribute,
    canonical,
    constructor,
    is_subclass,
    lineage,
    load_libraries,
    method,
)
from analyzer.library_files import KINDS, LibraryError, decode_model, imports_of, operations, types
from analyzer.model.library import Library, Operation, Parameter
from analyzer.type_texts import classes_in

FOLDER = assets.rules() / "libraries"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != KINDS)
IMPORTED = {name for path in FILES for name in imports_of(path)}


@pytest.fixture(scope="module")
def known() -> Libraries:
    return load_libraries(FOLDER, IMPORTED)


def as_library(libraries: Libraries) -> Library:
    return Library("all", "", (), functions=dict(libraries.functions), classes=dict(libraries.classes), instances=dict(libraries.instances))


def operation(libraries: Libraries, name: str) -> Operation:
    """A function, method or constructor by its qualified name, aliases and bases followed."""
    name = canonical(libraries, name)
    if name in libraries.functions:
        return libraries.functions[name]
    if name in libraries.classes:
        found = constructor(libraries, name)
        return found[1] if found else Operation()
    cls, _, last = name.rpartition(".")
    found = method(libraries, cls, last)
    assert found, name
    return found[1]


def timeouts(libraries: Libraries, name: str) -> list[Parameter]:
    return [one for one in operation(libraries, name).parameters.values() if one.role == "timeout"]


# ------------------------------------------------------------- every built-in file


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_in_its_first_lines_when_it_is_relevant(path: Path) -> None:
    library = decode_model(path, Library)
    assert imports_of(path) == library.imports
    assert path.read_text(encoding="utf-8").splitlines()[2].startswith("imports: ["), "read without parsing the rest"
    assert library.version and library.library


def referenced(libraries: Libraries) -> set[tuple[str, str]]:
    """Every class that a model names, with the place that names it."""
    named = {(place, name) for place, text in types(as_library(libraries)) for name in classes_in(text)}
    named |= {(cls, base) for cls, model in libraries.classes.items() for base in model.bases}
    return named | {(place, one.decorates) for place, one in operations(as_library(libraries)) if one.decorates}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_referenced_class_is_loaded_with_the_file_under_its_one_name(path: Path) -> None:
    alone = load_libraries(FOLDER, imports_of(path))
    assert sorted(one for one in referenced(alone) if one[1] not in alone.classes) == []


def test_names_are_canonical_and_exact_aliases_lead_somewhere(known: Libraries) -> None:
    assert sorted(name for name in known.owner if canonical(known, name) != name) == []
    assert sorted(name for name, to in known.aliases.items() if canonical(known, to) not in known.owner) == []


def test_what_is_awaited_does_not_block(known: Libraries) -> None:
    assert [place for place, one in operations(as_library(known)) if one.is_async and one.blocks] == []


def test_what_waits_has_a_reason_written_down(known: Libraries) -> None:
    unexplained = [place for place, one in operations(as_library(known)) if one.waits and not one.note]
    assert unexplained == []


def test_inherited_timeouts_have_a_constructor_to_inherit_from(known: Libraries) -> None:
    for cls, model in known.classes.items():
        for name, one in model.methods.items():
            if any(parameter.inherits for parameter in one.parameters.values()):
                assert timeouts(known, cls), f"{cls}.{name}"


def test_defaults_of_timeouts_are_numbers_or_none(known: Libraries) -> None:
    for place, one in operations(as_library(known)):
        for name, parameter in one.parameters.items():
            if parameter.role == "timeout":
                assert not isinstance(parameter.default, bool | str), f"{place}.{name}"


def test_a_sink_for_text_has_a_place_for_the_text(known: Libraries) -> None:
    for place, one in operations(as_library(known)):
        for name, parameter in one.parameters.items():
            if parameter.role in {"sql", "table-name", "offloaded", "shell-command"}:
                assert parameter.position is not None, f"{place}.{name}"


# ---------------------------------------------------------------- which are loaded


def test_only_what_the_project_imports_is_loaded() -> None:
    few = load_libraries(FOLDER, {"requests"})
    assert "requests.get" in few.functions and "builtins.int" in few.classes
    assert not any(name.startswith(("httpx.", "django.")) for name in few.owner)


def test_the_digest_follows_the_files_used() -> None:
    first, again, more = (load_libraries(FOLDER, names) for names in ({"requests"}, ["requests"], {"requests", "httpx"}))
    assert first.digest == again.digest != more.digest


def test_bases_of_another_library_come_along() -> None:
    alone = load_libraries(FOLDER, {"sqlmodel"})
    assert method(alone, "sqlmodel.Session", "execute")


# ---------------------------------------------------------------------- look-up


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("requests.api.get", "requests.get"),
        ("requests.sessions.Session", "requests.Session"),
        ("requests.sessions.Session.get", "requests.Session.get"),
        ("requests.session", "requests.Session"),
        ("redis.client.StrictRedis.get", "redis.Redis.get"),
        ("sqlalchemy.orm.session.Session", "sqlalchemy.orm.Session"),
        ("sqlalchemy.sql.text", "sqlalchemy.text"),
        ("sqlalchemy.sql.expression.text", "sqlalchemy.text"),
        ("sqlalchemy.engine.create_engine", "sqlalchemy.create_engine"),
        ("django.db.models.query.QuerySet.raw", "django.db.models.QuerySet.raw"),
        ("fastapi.Request", "starlette.requests.Request"),
        ("supabase._async.client.create_client", "supabase.create_async_client"),
        ("supabase.acreate_client", "supabase.create_async_client"),
        ("requests", "requests"),
        ("nobody.knows.this", "nobody.knows.this"),
    ],
)
def test_spellings_lead_to_one_name(known: Libraries, written: str, name: str) -> None:
    assert canonical(known, written) == name


def test_methods_are_found_over_bases(known: Libraries) -> None:
    found = method(known, "sqlmodel.Session", "scalars")
    assert found and found[0] == "sqlalchemy.orm.Session.scalars"
    assert method(known, "django.db.models.manager.Manager", "raw")
    assert method(known, "requests.Session", "no_such_method") is None
    assert method(known, "no.such.Class", "get") is None


def test_constructors_are_inherited(known: Libraries) -> None:
    found = constructor(known, "psycopg2.pool.ThreadedConnectionPool")
    assert found and found[0] == "psycopg2.pool.SimpleConnectionPool"


def test_attributes_and_assignments_are_found_over_bases(known: Libraries) -> None:
    assert attribute(known, "supabase.Client", "storage") == "storage3.SyncStorageClient"
    assert attribute(known, "supabase.Client", "nothing") is None
    found = assignment(known, "fastapi.FastAPI", "debug")
    assert found and found[1].role == "debug"


def test_subclasses(known: Libraries) -> None:
    assert is_subclass(known, "fastapi.FastAPI", "starlette.applications.Starlette")
    assert is_subclass(known, "fastapi.UploadFile", "starlette.datastructures.UploadFile")
    assert is_subclass(known, "unknown.Class", "unknown.Class")
    assert not is_subclass(known, "starlette.applications.Starlette", "fastapi.FastAPI")


def test_a_circle_of_bases_or_aliases_ends(tmp_path: Path) -> None:
    write(tmp_path, "shop", "aliases: {shop.a: shop.b, shop.b: shop.a}\nclasses: {shop.X: {bases: [shop.Y]}, shop.Y: {bases: [shop.X]}}")
    libraries = load_libraries(FOLDER, (), [tmp_path])
    assert [name for name, _ in lineage(libraries, "shop.X")] == ["shop.X", "shop.Y"]
    assert canonical(libraries, "shop.a") in {"shop.a", "shop.b"}


# ------------------------------------------------------------------------ truths


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("requests.get", None),
        ("requests.Session.post", None),
        ("httpx.get", 5.0),
        ("httpx.Client", 5.0),
        ("httpx.AsyncClient.get", 5.0),
        ("aiohttp.ClientSession", 300),
        ("aiohttp.ClientSession.get", 300),
        ("urllib3.PoolManager", None),
        ("urllib.request.urlopen", None),
        ("redis.Redis", 5),
        ("redis.asyncio.Redis", 5),
        ("subprocess.run", None),
        ("subprocess.Popen.wait", None),
        ("smtplib.SMTP_SSL", None),
        ("django.core.mail.send_mail", None),
        ("sqlite3.connect", 5.0),
        ("psycopg.connect", 130),
        ("psycopg2.connect", None),
        ("asyncpg.connect", None),
        ("asyncpg.create_pool", None),
        ("aiosqlite.connect", 5.0),
        ("supabase.create_client", 120),
        ("boto3.client", 60),
        ("openai.OpenAI", 600),
        ("twilio.rest.Client", None),
        ("celery.result.AsyncResult.get", None),
    ],
)
def test_defaults_are_those_of_the_libraries(known: Libraries, name: str, seconds: float | None) -> None:
    assert {one.default for one in timeouts(known, name)} == {seconds}


def test_none_means_what_the_library_does_with_it(known: Libraries) -> None:
    assert [one.none for one in timeouts(known, "aiohttp.ClientSession")] == ["default"]
    assert [one.none for one in timeouts(known, "aiohttp.ClientSession.get")] == ["unbounded"]
    assert [one.none for one in timeouts(known, "httpx.Client")] == ["unbounded"]
    assert [one.none for one in timeouts(known, "imaplib.IMAP4")] == ["default"]


def test_requests_has_no_timeout_for_a_session_and_httpx_has(known: Libraries) -> None:
    assert timeouts(known, "requests.Session") == []
    assert not timeouts(known, "requests.Session.get")[0].inherits
    assert timeouts(known, "httpx.Client.get")[0].inherits


def test_popen_itself_waits_for_nobody(known: Libraries) -> None:
    assert operation(known, "subprocess.Popen").waits == ""
    assert operation(known, "subprocess.Popen.wait").waits == "process"


def test_a_bucket_is_no_table(known: Libraries) -> None:
    table = operation(known, "supabase.Client.from_").parameters["table_name"]
    assert (table.role, table.position) == ("table-name", 0)
    assert operation(known, "storage3.SyncStorageClient.from_").parameters == {}


@pytest.mark.parametrize("side", ["", "Async"])
def test_a_supabase_query_can_be_followed_to_its_end(known: Libraries, side: str) -> None:
    cls = operation(known, f"supabase.{side or ''}Client.table").returns
    for step in ("select", "eq", "order", "single"):
        found = method(known, cls, step)
        assert found, (cls, step)
        cls = cls if found[1].self_typed else found[1].returns
    assert operation(known, f"{cls}.execute").is_async is bool(side)


def test_fragments_of_django_extra(known: Libraries) -> None:
    parameters = operation(known, "django.db.models.QuerySet.extra").parameters
    assert {name: (one.position, one.element) for name, one in parameters.items()} == {
        "select": (0, "values"), "where": (1, "items"), "tables": (3, "items"), "order_by": (4, "items"),
    }  # fmt: skip


def test_request_objects_hold_what_the_client_sent(known: Libraries) -> None:
    for name in ("django.http.HttpRequest", "rest_framework.request.Request", "flask.Request", "starlette.requests.Request"):
        assert known.classes[name].request
    assert known.instances["flask.request"] == "flask.Request"


def test_a_call_of_a_session_factory_gives_a_session(known: Libraries) -> None:
    assert operation(known, "sqlalchemy.orm.sessionmaker.__call__").returns == "item"
    assert known.classes["sqlalchemy.orm.sessionmaker"].element == "sqlalchemy.orm.Session"


def test_numbers_and_quoted_names_are_safe_in_sql(known: Libraries) -> None:
    assert "sql" in known.classes["uuid.UUID"].safe_for
    assert "sql" not in known.classes["builtins.str"].safe_for
    quote = operation(known, "django.db.backends.base.operations.BaseDatabaseOperations.quote_name")
    assert "sql" in quote.safe_for


# --------------------------------------------------------------------- bad files


def write(folder: Path, name: str, body: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f'library: {name}\nversion: "1"\nimports: [{name}]\n{body}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("functoins: {}", ['unknown key "functoins"', 'did you mean "functions"?']),
        ("functions: {shop.get: {wait: http}}", ["functions.shop.get", 'unknown key "wait"', 'did you mean "waits"?']),
        ("functions: {shop.get: {waits: htpp}}", ["functions.shop.get", 'waits "htpp"', 'did you mean "http"?']),
        ("functions: {shop.get: {blocks: xyzzy}}", ['blocks "xyzzy"', "known are cache"]),
        ("functions: {shop.get: {parameters: {t: {role: timout}}}}", ["functions.shop.get.parameters.t", '"timeout"']),
        ("functions: {shop.get: {parameters: {t: {}}}}", ["functions.shop.get.parameters.t", "`role`"]),
        ("functions: {shop.get: {parameters: {t: {role: timeout, unit: min}}}}", ['unit "min"', "ms"]),
        ("functions: {shop.get: {is_async: 1}}", ["functions.shop.get.is_async", "bool"]),
        ("functions: [shop.get]", ["functions", "object"]),
        ("classes: {shop.X: {methods: {get: {returns: [a]}}}}", ["classes.shop.X.methods.get.returns", "str"]),
        ("classes: {shop.X: {safe_for: [sqll]}}", ["classes.shop.X", '"sql"']),
        ("classes: {shop.X: {assignments: {v: {role: tls-verify}}}}", ["classes.shop.X.assignments.v", '"tls-']),
        ("markers: {rate-limits: [shop.limited]}", ['marker "rate-limits"', '"rate-limit"']),
        ("functions:\n  shop.get: {", ["shop.yaml line 6"]),
        ("functions:\n  shop.get: {}\n  shop.get: {}", ["shop.yaml line 5", '"shop.get" is written twice']),
        ("functions: " + "[" * 50_000, ["shop.yaml"]),
    ],
)
def test_a_bad_file_gets_a_clear_answer(tmp_path: Path, body: str, words: list[str]) -> None:
    write(tmp_path, "shop", body)
    with pytest.raises(LibraryError) as caught:
        load_libraries(FOLDER, (), [tmp_path])
    message = str(caught.value)
    assert message.startswith(f"{tmp_path.name}/shop.yaml") and "\n" not in message
    assert [word for word in words if word not in message] == [], message


def test_missing_heads_bad_bytes_and_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        load_libraries(FOLDER, (), [tmp_path / "models"])
    (tmp_path / "shop.yaml").write_text("library: shop\n", encoding="utf-8")
    with pytest.raises(LibraryError, match="missing required field `version`"):
        load_libraries(FOLDER, (), [tmp_path])
    (tmp_path / "shop.yaml").write_bytes(b"library: \xff\xfe\x00")
    with pytest.raises(LibraryError, match=r"shop\.yaml"):
        load_libraries(FOLDER, (), [tmp_path])


def test_one_name_has_one_meaning_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "shop", "functions: {shop.get: {}}")
    write(tmp_path, "till", "functions: {shop.get: {}}")
    with pytest.raises(LibraryError, match=r'till\.yaml: "shop\.get" has a meaning in .*shop\.yaml already'):
        load_libraries(FOLDER, (), [tmp_path])


# ------------------------------------------------------------------- user's files


def test_a_user_declares_kinds_and_overrides_built_in_models(tmp_path: Path) -> None:
    kinds = "roles: {tenant: The name of a tenant.}\nwaits: {}\nblocks: {}\nmarkers: {}\n"
    (tmp_path / KINDS).write_text(kinds, encoding="utf-8")
    write(tmp_path, "shop", "functions:\n  shop.open: {parameters: {name: {role: tenant}}}\n  requests.get: {waits: http}\n"
          "markers: {rate-limit: [shop.limited]}")  # fmt: skip
    libraries = load_libraries(FOLDER, {"requests", "slowapi"}, [tmp_path])
    assert libraries.owner["shop.open"] == "shop"
    assert libraries.functions["requests.get"] == Operation(waits="http")
    assert {"shop.limited", "slowapi.Limiter.limit"} <= set(libraries.markers["rate-limit"])
    assert libraries.kinds.roles["tenant"]
    assert libraries.digest != load_libraries(FOLDER, {"requests", "slowapi"}).digest


def test_functions_handed_over_say_where_they_run(known: Libraries) -> None:
    for name, parameter, runs in (
        ("asyncio.to_thread", "func", "worker thread"),
        ("asyncio.AbstractEventLoop.run_in_executor", "func", "worker thread"),
        ("concurrent.futures.ProcessPoolExecutor.submit", "fn", "process"),
        ("asyncio.AbstractEventLoop.call_later", "callback", "event loop"),
        ("builtins.sorted", "key", "here"),
        ("starlette.background.BackgroundTasks.add_task", "func", "later"),
    ):
        assert operation(known, name).parameters[parameter].runs == runs, name


def test_a_mapping_of_requests_headers_is_one_of_texts(known: Libraries) -> None:
    headers = attribute(known, "requests.Response", "headers")
    assert headers and operation(known, f"{headers}.get").returns == "builtins.str"
