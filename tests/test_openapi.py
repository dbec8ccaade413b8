"""OpenAPI documents: which are read, what they promise, and where endpoints differ from that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from analyzer.failure import UserError
from analyzer.model.answer import Known, Unknown
from analyzer.model.contract import Comparison, Document, Parameter
from analyzer.model.endpoint import Endpoint, Input, Place, Protection, Purpose, Serves
from analyzer.model.exposure import Exposed, Exposure
from analyzer.model.location import Location, Span
from analyzer.openapi import compare, document, read
from analyzer.openapi.shapes import may_be, shape

AT = Location("app.py", Span(1, 0, 1, 5))
SIGNED = Known((Protection("authentication", "shop.auth.signed_in", AT),))


def served(methods: str, path: str, serves: Serves = Serves.HTTP, **more: Any) -> Exposed:
    """An endpoint that takes nothing and asks nobody."""
    values: dict[str, Any] = {"authentication": Known(()), "all_inputs": Known(True), "purpose": Purpose.OTHER, **more}
    at = values.pop("at", Location("app.py", Span(len(methods + path), 4, len(methods + path), 9)))
    endpoint = Endpoint(
        tuple(methods.split()), path, "fastapi", "app", "app.handler", at, at, False, limits=Known(()), **values
    )
    return Exposed(endpoint, serves, Exposure.PUBLIC)


def takes(name: str, place: Place = Place.QUERY, required: bool = False) -> Input:
    return Input(name, place, "str", required, (), AT)


def written(paths: dict[str, Any], **more: Any) -> Document:
    return read("openapi.json", json.dumps({"openapi": "3.1.0", "paths": paths, **more}).encode())


def differences(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [(str(d.kind), d.method, d.path) for d in comparison.differences]


def says(found: Sequence[Exposed], paths: dict[str, Any], **more: Any) -> list[str]:
    return [d.says for d in compare(found, written(paths, **more)).differences]


# ------------------------------------------------------------------ what is read

YAML = """\
swagger: "2.0"
basePath: /api/v1/
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    get:
      parameters:
        - $ref: "#/parameters/verbose"
      responses: {200: {description: fine}}
    post:
      parameters:
        - {name: order, in: body, schema: {type: object}}
        - {name: Accept, in: header, type: string}
      security: []
parameters:
  verbose: {name: verbose, in: query, type: boolean}
security:
  - key: []
"""


def test_swagger_2_in_yaml() -> None:
    found = read("swagger.yaml", YAML.encode())
    get, post = found.operations
    assert (found.version, get.method, get.path, get.prefixes, get.secured) == ("2.0", "GET", "/orders/{id}", ("/api/v1",), True)
    assert get.parameters == (Parameter("id", "path", True), Parameter("verbose", "query", False))
    assert (post.parameters, post.secured) == ((Parameter("", "body", False), Parameter("id", "path", True)), False)


@pytest.mark.parametrize(
    ("servers", "prefixes"),
    [
        ([], ("",)),
        ([{"url": "https://shop.example/api/"}], ("/api",)),
        ([{"url": "/v1"}, {"url": "https://shop.example"}], ("/v1", "")),
        ([{"url": "https://{host}/{base}", "variables": {"base": {"default": "v3"}, "host": {"default": "a.example"}}}], ("/v3",)),
        (["nonsense", {"url": 7}], ("/7",)),
        ("nonsense", ("",)),
    ],
)
def test_servers_of_openapi_3(servers: Any, prefixes: tuple[str, ...]) -> None:
    [operation] = written({"/a": {"get": {}}}, servers=servers).operations
    assert operation.prefixes == prefixes


def test_the_innermost_servers_count() -> None:
    paths = {"/a": {"servers": [{"url": "/path"}], "get": {"servers": [{"url": "/own"}]}, "put": {}}}
    assert [o.prefixes for o in written(paths, servers=[{"url": "/all"}]).operations] == [("/own",), ("/path",)]


@pytest.mark.parametrize(
    ("own", "everywhere", "secured"),
    [
        ({}, {}, None),
        ({}, {"security": [{"key": []}]}, True),
        ({"security": []}, {"security": [{"key": []}]}, False),
        ({"security": [{"key": []}, {}]}, {}, None),
        ({"security": "yes"}, {}, None),
    ],
)
def test_who_may_ask(own: dict[str, Any], everywhere: dict[str, Any], secured: bool | None) -> None:
    [operation] = written({"/a": {"get": own}}, **everywhere).operations
    assert operation.secured is secured


def test_an_operation_without_security_is_open_where_another_has_some() -> None:
    found = written({"/a": {"get": {}, "put": {"security": [{"key": []}]}}}).operations
    assert [o.secured for o in found] == [False, True]


def test_references_that_lead_nowhere_or_out() -> None:
    loop = {"$ref": "#/components/parameters/loop"}
    paths = {
        "/a": {"get": {"parameters": [{"$ref": "#/components/parameters/gone"}]}},
        "/b": {"$ref": "other.yaml#/b"},
        "/c": {"get": {"parameters": [loop]}},
        "x-note": {"get": {}},
        "/d": {"get": "nothing"},
    }
    found = written(paths, components={"parameters": {"loop": loop}})
    assert [(o.path, o.parameters) for o in found.operations] == [("/a", None), ("/c", None)]
    assert set(found.ignored) == {
        "references that lead nowhere",
        "references to other files",
        "paths of the document that say nothing that can be read",
        "operations of the document that say nothing that can be read",
    }


def test_a_reference_with_escapes() -> None:
    paths = {"/a": {"$ref": "#/components/pathItems/~1a%20b"}}
    found = written(paths, components={"pathItems": {"/a b": {"get": {}}}})
    assert [o.method for o in found.operations] == ["GET"]


ANCHORS = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"[1, 2]", "no OpenAPI document: it has no `paths`"),
        (b"{", "line 1: not valid JSON"),
        (b'{"a": 1,\n "b" 2}', "line 2: not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"a: [", "not valid YAML"),
        (b"a: b: c", "line 1: not valid YAML"),
        (b"- " * 300 + b"x", "nested too deeply"),
        (b"a: *gone", "an alias of nothing"),
        (b"a: &a [*a]", "an alias of nothing, or of what is around it"),
        (ANCHORS.encode(), "with its aliases written out"),
        (b"a: !!python/object/apply:os.system [id]", "not valid YAML"),
        (b"when: 2026-02-31\npaths: {}", "not valid YAML"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"\xff\xfe\x00", "not"),
        (b"paths: [1]", "it has no `paths`"),
        (b"paths: {}", "it says no version"),
        (b'{"openapi": "4.0", "paths": {}}', "its version is '4.0'"),
        (b'{"swagger": "1.2", "paths": {}}', "its version is '1.2'"),
    ],
)
def test_what_is_no_document(content: bytes, words: str) -> None:
    with pytest.raises(UserError, match="openapi.json") as raised:
        read("openapi.json", content)
    assert words in raised.value.message


def test_a_document_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST", 10)
    with pytest.raises(UserError, match="larger than"):
        read("openapi.json", b'{"openapi": "3.0.0"}')


def test_a_byte_order_mark_and_no_paths() -> None:
    assert read("openapi.json", b'\xef\xbb\xbf{"openapi": "3.1.0", "webhooks": {}}').operations == ()


# ------------------------------------------------------------------ shapes of paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("", "/"),
        ("/users/{id}", "/users/{}"),
        ("/users/{id:uuid}/", "/users/{}"),
        ("/users/<int:id>", "/users/{}"),
        ("users/<pk>/files", "/users/{}/files"),
        ("/users/{id:[0-9]{4}}", "/users/{}"),
        ("^users/(?P<id>(a|b)+)/?$", "/users/{}"),
        ("/users/:id/*rest", "/users/{}/{}"),
        ("/files/{name}.json", "/files/{}.json"),
        (r"^v1\.0/users/$", "/v1.0/users"),
        ("/users:batch", "/users:batch"),
        ("/a//b", "/a/b"),
        ("/a{", "/a{"),
    ],
)
def test_shapes(path: str, expected: str) -> None:
    assert shape(path) == expected


def test_what_is_known_in_part() -> None:
    assert may_be("/plugins/…", "/plugins/a/b") and may_be("…", "/x") and not may_be("/plugins/…/x", "/plugins/a/y")


# ------------------------------------------------------------------ comparisons


def test_the_same_on_both_sides() -> None:
    paths = {"/orders/{order_id}": {"get": {}, "delete": {}}, "/orders": {"post": {"requestBody": {"required": True}}}}
    found = [
        served("DELETE GET", "/orders/{id:int}"),
        served("POST", "/orders/", inputs=(takes("order", Place.BODY, True),)),
        served("GET", "/docs", purpose=Purpose.DOCS),
        served("HEAD OPTIONS", "/orders/"),
        served("WEBSOCKET", "/live"),
        served("TASK", "shop.tasks.send", Serves.TASKS),
    ]
    comparison = compare(found, written(paths))
    assert (comparison.operations, comparison.matched, comparison.differences) == (3, 3, ())
    assert dict(comparison.unjudged)["WebSockets, which OpenAPI does not describe"] == 1


def test_undocumented_missing_and_methods() -> None:
    paths = {"/orders": {"get": {}, "put": {}, "head": {}}, "/gone": {"get": {}}}
    found = [served("GET POST", "/orders"), served("GET", "/new")]
    assert differences(compare(found, written(paths))) == [
        ("undocumented", "GET", "/new"),
        ("missing", "GET", "/gone"),
        ("methods", "POST", "/orders"),
        ("methods", "PUT", "/orders"),
    ]


def test_another_path_of_a_documented_handler() -> None:
    found = [served("GET", "/v1/orders", at=AT), served("GET", "/latest/orders", at=AT), served("GET", "/latest/other")]
    assert differences(compare(found, written({"/v1/orders": {"get": {}}}))) == [
        ("undocumented", "GET", "/latest/other"),
        ("alias", "GET", "/latest/orders"),
    ]


def test_any_method_answers_each() -> None:
    paths = {"/orders": {"get": {}, "put": {}}}
    assert differences(compare([served("*", "/orders")], written(paths))) == []
    assert differences(compare([served("*", "/other")], written({}))) == [("undocumented", "*", "/other")]


@pytest.mark.parametrize("path", ["/api/v1/orders", "/orders"])
def test_a_servers_path_may_be_in_front(path: str) -> None:
    document = written({"/orders": {"get": {}}}, servers=[{"url": "https://shop.example/api/v1"}])
    assert compare([served("GET", path)], document).differences == ()


def test_below_another_prefix_is_another_path() -> None:
    document = written({"/orders": {"get": {}}}, servers=[{"url": "/api/v1"}])
    assert differences(compare([served("GET", "/api/v2/orders")], document)) == [
        ("undocumented", "GET", "/api/v2/orders"),
        ("missing", "GET", "/orders"),
    ]


def test_a_path_that_is_not_wholly_known_is_neither() -> None:
    comparison = compare([served("GET", "/plugins/…")], written({"/plugins/a": {"get": {}, "post": {}}}))
    assert differences(comparison) == [("missing", "POST", "/plugins/a")]
    assert dict(comparison.unjudged)["operations that may be endpoints whose path is not wholly known"] == 1


def test_inputs() -> None:
    parameters = [
        {"name": "limit", "in": "query", "required": True},
        {"name": "page", "in": "query"},
        {"name": "X-Trace", "in": "header"},
        {"name": "order_id", "in": "path", "required": True},
    ]
    inputs = (takes("limit"), takes("sort"), takes("x_trace", Place.HEADER), takes("id", Place.PATH, True))
    found = [served("GET", "/orders/{id}", inputs=inputs)]
    paths = {"/orders/{order_id}": {"get": {"parameters": parameters}}}
    assert says(found, paths) == [
        "`limit` (query) is documented as required, and optional",
        "`page` (query) is documented, and not read",
        "`sort` (query) is read, and not documented",
    ]


def test_inputs_that_are_not_all_known_lack_nothing() -> None:
    paths = {"/orders": {"get": {"parameters": [{"name": "page", "in": "query"}], "requestBody": {}}}}
    found = served("GET", "/orders", all_inputs=Unknown("a handler that reads the request"), inputs=(takes("sort"),))
    assert says([found], paths) == ["`sort` (query) is read, and not documented"]
    [(why, count)] = [(why, n) for why, n in compare([found], written(paths)).unjudged if "inputs" in why]
    assert (why, count) == ("endpoints whose inputs are not all known: a handler that reads the request", 1)


def test_bodies() -> None:
    reads = served("POST", "/orders", inputs=(takes("order", Place.BODY),))
    assert says([reads], {"/orders": {"post": {}}}) == ["a body is read, and not documented"]
    assert says([served("POST", "/orders")], {"/orders": {"post": {"requestBody": {}}}}) == ["a body is documented, and not read"]
    both = served("GET POST", "/orders", inputs=(takes("order", Place.FORM),))
    assert says([both], {"/orders": {"get": {}, "post": {"requestBody": {}}}}) == []


def test_a_key_is_no_input() -> None:
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}}
    found = served("GET", "/", inputs=(takes("x-api-key", Place.HEADER), takes("authorization", Place.HEADER)))
    assert says([found], {"/": {"get": {}}}, components=schemes) == []


@pytest.mark.parametrize(
    ("authentication", "security", "expected"),
    [
        (SIGNED, [{"key": []}], []),
        (Known(()), [], []),
        (Known(()), [{"key": []}], ["documented as secured, and the code asks nobody"]),
        (SIGNED, [], ["documented as open to anybody, and `signed_in` asks who it is"]),
        (Unknown("a guard that is not seen to turn anybody away"), [{"key": []}], []),
        (SIGNED, [{"key": []}, {}], []),
    ],
)
def test_security(authentication: Any, security: list[Any], expected: list[str]) -> None:
    assert says([served("GET", "/", authentication=authentication)], {"/": {"get": {"security": security}}}) == expected


def test_what_was_not_compared_is_counted() -> None:
    found = served("GET", "/", authentication=Unknown("a handler that looks at who is asking"))
    secured = compare([found], written({"/": {"get": {"security": [{"key": []}]}}}))
    assert dict(secured.unjudged) == {"endpoints whose authentication is not known: a handler that looks at who is asking": 1}
    silent = compare([replace(found, endpoint=replace(found.endpoint, authentication=SIGNED))], written({"/": {"get": {}}}))
    assert dict(silent.unjudged) == {"operations of which the document does not say whether they need authentication": 1}
