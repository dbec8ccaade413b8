"""Settings and deployment files: what each reader says of a text, and what it makes of a hostile one."""

from __future__ import annotations

import time

import pytest

from analyzer.extract.entries import read
from analyzer.model.facts import TextFacts, Unread
from analyzer.model.source import FileKind


def facts(text: str, kind: FileKind) -> TextFacts:
    read_ = read(text.encode(), kind)
    assert isinstance(read_, TextFacts), read_
    return read_


def values(text: str, kind: FileKind) -> list[tuple[str, str]]:
    return [(entry.key, entry.value) for entry in facts(text, kind).entries]


def written(text: str, kind: FileKind) -> list[str]:
    """What stands at each entry's span; one that runs over lines is cut at the first."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = []
    for entry in facts(text, kind).entries:
        at = entry.at
        end = at.end_column if at.end_line == at.line else None
        found.append(lines[at.line - 1][at.column : end])
    return found


def refused(text: str | bytes, kind: FileKind) -> Unread:
    answer = read(text.encode() if isinstance(text, str) else text, kind)
    assert isinstance(answer, Unread), answer
    return answer


ENV = """\
# the database
DATABASE_URL=postgres://u:p@db/app   # not for production
export DEBUG = 1
EMPTY=
QUOTED="two\\nlines # kept" # nosec
SINGLE='it is $HOME'
MANY="first
second"
LAST=ü x
BARE
"""


def test_env() -> None:
    assert values(ENV, FileKind.ENV) == [
        ("DATABASE_URL", "postgres://u:p@db/app"), ("DEBUG", "1"), ("EMPTY", ""), ("QUOTED", "two\nlines # kept"),
        ("SINGLE", "it is $HOME"), ("MANY", "first\nsecond"), ("LAST", "ü x"), ("BARE", ""),
    ]  # fmt: skip
    assert written(ENV, FileKind.ENV)[:2] == ["DATABASE_URL=postgres://u:p@db/app", "DEBUG = 1"]
    assert written(ENV, FileKind.ENV)[6] == "LAST=ü x"
    assert facts(ENV, FileKind.ENV).lines == 10
    assert [(d.tool, d.at.line, d.alone) for d in facts(ENV, FileKind.ENV).directives] == [("nosec", 5, False)]


def test_env_names_the_line_that_is_no_assignment() -> None:
    assert refused("A=1\nwhat is this\n", FileKind.ENV) == Unread("not KEY=VALUE", 2)


INI = """\
; a comment
[alembic]
script_location = migrations
; url = no
sqlalchemy.url: driver://user:pass@host/db
[loggers]
keys =
    root
    # in between
    app
empty
"""


def test_ini() -> None:
    assert values(INI, FileKind.INI) == [
        ("alembic.script_location", "migrations"), ("alembic.sqlalchemy.url", "driver://user:pass@host/db"),
        ("loggers.keys", "root\napp"), ("loggers.empty", ""),
    ]  # fmt: skip
    assert written(INI, FileKind.INI)[1] == "sqlalchemy.url: driver://user:pass@host/db"
    assert refused("[a]\nx = 1\n[b\n", FileKind.INI).line == 3


TOML = '''\
title = "a # b"
[tool.poetry.dependencies]
python = "^3.11"  # noqa
"quoted.key" = { version = "1", extras = ["a", "b"] }
[tool.text]
long = """
python = 1
[tool.poetry]
"""
many = [
  "x",
  # python = 2
  [],
]
on = true
[[run]]
name = "one"
[[run]]
name = "two"
[run.inner]
a.b = 1.5
'''


def test_toml() -> None:
    assert values(TOML, FileKind.TOML) == [
        ("title", "a # b"), ("tool.poetry.dependencies.python", "^3.11"),
        ("tool.poetry.dependencies.quoted.key.version", "1"), ("tool.poetry.dependencies.quoted.key.extras.0", "a"),
        ("tool.poetry.dependencies.quoted.key.extras.1", "b"), ("tool.text.long", "python = 1\n[tool.poetry]\n"),
        ("tool.text.many.0", "x"), ("tool.text.many.1", "[]"), ("tool.text.on", "true"), ("run.0.name", "one"),
        ("run.1.name", "two"), ("run.1.inner.a.b", "1.5"),
    ]  # fmt: skip
    assert [entry.at.line for entry in facts(TOML, FileKind.TOML).entries] == [1, 3, 4, 4, 4, 6, 10, 10, 15, 17, 19, 21]
    assert [(d.tool, d.at.line, d.at.column) for d in facts(TOML, FileKind.TOML).directives] == [("noqa", 3, 18)]


def test_toml_names_the_line_that_is_wrong() -> None:
    assert refused("a = 1\nb = \n", FileKind.TOML).line == 2


YAML = """\
x-env: &env
  DEBUG: "1"   # not '#' here
  LOG: info
services:
  web:
    image: 'app:1 # nosec'
    environment:
      <<: *env
      LOG: debug  # nosec B105
    ports: ["80:80", 443:443]
    command: |
      run # nosemgrep
      it
    deploy: {}
  worker:
    environment: *env
---
kind: Pod
? [complex]
: v
"""


def test_yaml() -> None:
    assert values(YAML, FileKind.COMPOSE) == [
        ("x-env.DEBUG", "1"), ("x-env.LOG", "info"), ("services.web.image", "app:1 # nosec"),
        ("services.web.environment.LOG", "debug"), ("services.web.environment.DEBUG", "1"),
        ("services.web.ports.0", "80:80"), ("services.web.ports.1", "443:443"),
        ("services.web.command", "run # nosemgrep\nit\n"), ("services.web.deploy", "{}"),
        ("services.worker.environment.DEBUG", "1"), ("services.worker.environment.LOG", "info"), ("kind", "Pod"),
        ("?", "v"),
    ]  # fmt: skip
    places = written(YAML, FileKind.COMPOSE)
    assert places[2:6] == ["image: 'app:1 # nosec'", "LOG: debug", 'DEBUG: "1"', '"80:80"']
    assert [(d.tool, d.at.line) for d in facts(YAML, FileKind.COMPOSE).directives] == [("nosec", 9)]


def test_yaml_counts_lines_as_we_do() -> None:
    text = "a: \u2028 x\r\nb: é # noqa\r\nc: 1\r\n"  # libyaml takes U+2028 for an end of line
    found = facts(text, FileKind.YAML)
    assert [(entry.key, entry.at.line) for entry in found.entries][-1] == ("c", 3)
    assert found.lines == 3
    assert found.directives[0].at.line == 2


def test_yaml_names_the_line_that_is_wrong() -> None:
    assert refused("a: 1\nb: c: d\n", FileKind.YAML).line == 2
    assert refused("a: *nothing\n", FileKind.YAML).why == "not valid YAML: an alias of nothing"
    assert refused("a: \x07\n", FileKind.YAML).why.startswith("not valid YAML")


NGINX = """\
worker_processes auto;
http {
    limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s; # comment;
    server {
        listen 80;
        location ~ "\\.(jpg|png){1}$" { expires 30d; }
        location /login {
            limit_req zone=one
                      burst=5;
            proxy_pass http://${upstream}/x;
        }
        content_by_lua_block { if a then b = { 1 } end }
    }
}
"""


def test_nginx() -> None:
    assert values(NGINX, FileKind.NGINX) == [
        ("worker_processes", "auto"), ("http", ""),
        ("http.limit_req_zone", "$binary_remote_addr zone=one:10m rate=1r/s"), ("http.server", ""),
        ("http.server.listen", "80"), ("http.server.location", "~ \\.(jpg|png){1}$"),
        ("http.server.location.expires", "30d"), ("http.server.location", "/login"),
        ("http.server.location.limit_req", "zone=one burst=5"),
        ("http.server.location.proxy_pass", "http://${upstream}/x"), ("http.server.content_by_lua_block", ""),
    ]  # fmt: skip
    assert written(NGINX, FileKind.NGINX)[4] == "listen 80;"


@pytest.mark.parametrize(("text", "line"), [("a b;\n}\n", 2), ("a {\n b c\n}", 3), ("a {\n", 2), ('a\n"b', 2)])
def test_nginx_names_the_line_that_is_wrong(text: str, line: int) -> None:
    assert refused(text, FileKind.NGINX).line == line


DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.12 AS base
ENV A=1 \\
    # nosec
    B=2

RUN pip install \\
      x
RUN <<END
apt-get update
USER root
END
from base
User app
"""


def test_dockerfile() -> None:
    assert values(DOCKERFILE, FileKind.DOCKERFILE) == [
        ("from", "python:3.12 AS base"), ("env", "A=1 B=2"), ("run", "pip install x"),
        ("run", "<<END\napt-get update\nUSER root"), ("from", "base"), ("user", "app"),
    ]  # fmt: skip
    assert [entry.at.line for entry in facts(DOCKERFILE, FileKind.DOCKERFILE).entries] == [2, 3, 7, 9, 13, 14]
    assert [(d.tool, d.at.line) for d in facts(DOCKERFILE, FileKind.DOCKERFILE).directives] == [("nosec", 4)]
    assert refused("FROM x\nRUNN y\n", FileKind.DOCKERFILE).line == 2


REQUIREMENTS = """\
-r base.txt
--index-url=https://pypi.example/simple
Flask_SQLAlchemy [async] >= 3.0, <4 ; python_version > "3"  # noqa
Django==4.2 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
requests
tool @ https://host/tool.whl#sha1=1
git+https://host/x.git@v1#egg=x
./local
"""


def test_requirements() -> None:
    assert values(REQUIREMENTS, FileKind.REQUIREMENTS) == [
        ("-r", "base.txt"), ("--index-url", "https://pypi.example/simple"), ("flask-sqlalchemy", ">= 3.0, <4"),
        ("django", "==4.2"), ("requests", ""), ("tool", "@ https://host/tool.whl#sha1=1"),
        ("url", "git+https://host/x.git@v1#egg=x"), ("url", "./local"),
    ]  # fmt: skip
    places = written(REQUIREMENTS, FileKind.REQUIREMENTS)
    assert places[2] == 'Flask_SQLAlchemy [async] >= 3.0, <4 ; python_version > "3"'
    assert refused("a==1\n{{ package }}\n", FileKind.REQUIREMENTS).line == 2


@pytest.mark.parametrize("kind", [FileKind.SQL, FileKind.JAVASCRIPT, FileKind.TEMPLATE, FileKind.GRAPHQL])
def test_kinds_without_keys_have_lines(kind: FileKind) -> None:
    assert facts("a\r\nb\n\nc", kind) == TextFacts((), (), 4)
    assert facts("", kind) == TextFacts((), (), 0)


@pytest.mark.parametrize("kind", sorted(set(FileKind) - {FileKind.PYTHON}))
def test_bytes_that_are_no_text_are_named(kind: FileKind) -> None:
    assert refused(b"a=1\nb=\xff\n", kind).line == 2
    assert refused(b"a=1\n\0", kind).why.startswith("holds a NUL byte")
    assert isinstance(read(b"\xef\xbb\xbf", kind), TextFacts)


def test_long_values_are_cut_and_say_so() -> None:
    value = values("A=" + "x" * 1000, FileKind.ENV)[0][1]
    assert len(value) == 300
    assert value.endswith("x…")


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(20)
)
HOSTILE = {
    "brackets": ("[" * 100_000, FileKind.YAML, "nested too deeply"),
    "dashes": ("- " * 100_000, FileKind.YAML, "nested too deeply"),
    "laughs": (LAUGHS, FileKind.YAML, "holds more than 20000 entries"),
    "itself": ("a: &a [*a, *a]\n", FileKind.YAML, "holds more than 20000 entries"),
    "key": ("a" * 500_000 + " :\n" + "".join(f"  k{n}: 1\n" for n in range(5000)), FileKind.YAML, "not valid YAML"),
    "long": ("? " + "a" * 50_000 + "\n: [" + "1," * 9000 + "]\n", FileKind.YAML, "holds too long a key"),
    "merges": (
        "a: &a {" + "k: 1, " * 9000 + "}\n" + "".join(f"b{n}: {{k: 1, <<: *a}}\n" for n in range(9000)),
        FileKind.YAML, "grows too big by its aliases",
    ),
    "toml": ("a = " + "[" * 50_000, FileKind.TOML, "nested too deeply"),
    "tables": ("a" + ".a" * 50_000 + " = 1", FileKind.TOML, "nested too deeply"),
    "blocks": ("a {" * 100_000, FileKind.NGINX, "nested too deeply"),
    "dollars": ("a " + "${" * 100_000, FileKind.NGINX, ""),
    "many": ("a=1\n" * 20_001, FileKind.ENV, "holds more than 20000 entries"),
    "operators": ("a" + "==" * 50_000 + "!", FileKind.REQUIREMENTS, "not a requirement"),
    "versions": ("a" + "==1" * 50_000 + ";;(", FileKind.REQUIREMENTS, ""),
    "spaces": ("a ==1" + " " * 200_000 + "x", FileKind.REQUIREMENTS, "not a requirement"),
    "quotes": ('A="\nB=\'\nC=`\n' * 20_000, FileKind.ENV, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_hostile_text_costs_little(case: str) -> None:
    text, kind, why = HOSTILE[case]
    begin = time.process_time()
    answer = read(text.encode(), kind)
    assert time.process_time() - begin < 4
    assert why in (answer.why if isinstance(answer, Unread) else "")
