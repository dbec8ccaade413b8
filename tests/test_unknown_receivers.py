"""Methods of what nobody knows: a common name is never a library's operation, a telling one is doubtful at most.

Every method of every library model is called on every kind of unknown receiver, and no rule says a word; then real
code shapes, rule family by rule family, and the few names that speak for themselves.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from functools import cache
from textwrap import dedent

import pytest
from marks import judge

from analyzer import assets
from analyzer.libraries import Libraries, load_libraries
from analyzer.library_files import imports_of, models
from analyzer.link.unproved import _EXECUTING, _SELECTING

COMMON = (
    "get post put patch delete head options request send stream filter exclude all first one execute fetch fetchall "
    "fetchone update insert select query connect cursor close commit rollback begin scalar run call read write load "
    "loads dump open publish consume subscribe set setex incr expire keys scan delay apply submit map start stop wait "
    "join acquire hash verify sign encrypt decrypt encode decode connection session table from_table rpc raw extra order_by"
).split()  # fmt: skip
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
    """The names of all methods and functions that library models say something of."""
    named = {word for model in libraries().classes.values() for word in model.methods}
    named |= {name.rpartition(".")[2] for name in libraries().functions}
    return tuple(sorted(word for word in named | set(COMMON) if word.isidentifier() and not keyword.iskeyword(word)))


RECEIVERS = {
    "a parameter": "async def f(x, items):\n{calls}",
    "a parameter of any type": "from typing import Any\nasync def f(x: Any, items):\n{calls}",
    "a parameter that is some object": "async def f(x: object, items):\n{calls}",
    "a parameter of a class that is not here": "async def f(x: 'Session', items):\n{calls}",
    "a parameter of a class of a library without model": "from strange import Session\nasync def f(x: Session, items):\n{calls}",
    "something of a library without model": "import strange\nx = strange.Session()\nasync def f(items):\n{calls}",
    "a module without model": "from strange import requests as x\nasync def f(items):\n{calls}",
    "collected arguments": "async def f(items, *given, **named):\n    x = named['client']\n{calls}",
    "an argument by place": "async def f(items, *given):\n    x = given[0]\n{calls}",
    "a name that is not defined": "async def f(items):\n{calls}",
    "an attribute that nobody assigns": "class A:\n  async def f(self, items):\n    x = self.session\n{calls}",
    "an attribute of a class with a base that is not known":
        "from strange import Base\nclass A(Base):\n  async def f(self, items):\n    x = self.session\n{calls}",
    "an object with a base that is not known": "from strange import Base\nclass A(Base):\n  async def f(x, items):\n{calls}",
    "what an unknown function gives": "async def f(items):\n    x = unheard(items)\n{calls}",
    "what is awaited of it": "async def f(items, pool):\n    x = await pool.acquire()\n{calls}",
    "what it enters": "async def f(items, pool):\n    async with pool.session() as x:\n{calls}",
    "an item of something unknown": "async def f(items, pools):\n    x = pools['session']\n{calls}",
    "an item of something that is iterated over": "async def f(items, pools):\n    for x in pools:\n{calls}",
    "what getattr finds": "import requests\nasync def f(items, name):\n    x = getattr(requests, name)\n{calls}",
    "what import_module finds": "import importlib\nasync def f(items, name):\n    x = importlib.import_module(name)\n{calls}",
    "a caught exception": "async def f(items):\n    try:\n        unheard()\n    except Unheard as x:\n{calls}",
    "a lambda's parameter": "async def f(items, map_):\n    map_(lambda x: [\n{parts}    ])\n",
    "a comprehension's variable": "async def f(items, pools):\n    return [[\n{parts}    ] for x in pools]\n",
    "a class of the project": "class Client:\n    def __getattr__(self, name): ...\nasync def f(x: Client, items):\n{calls}",
    "a dictionary": "async def f(items):\n    x = {'session': items}\n{calls}",
    "None": "async def f(items):\n    x = None\n{calls}",
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


def calls(words: Iterable[str]) -> tuple[str, str]:
    """Each method called with each of the arguments, as statements of which every other stands in a loop; as items."""
    every = [f"x.{word}({given})" for word in words for given in GIVEN]
    statements = [f"            {'for item in items: ' if n % 2 else ''}{call}\n" for n, call in enumerate(every)]
    return "        if items:\n" + "".join(statements), "".join(f"        {call},\n" for call in every)


def test_no_method_of_any_library_is_seen_on_an_unknown_receiver() -> None:
    words = [word for word in methods() if word not in _SELECTING]
    assert len(words) > 300
    statements, parts = calls(words)
    files = {
        f"{what.replace(' ', '_')}.py": text.replace("{calls}", statements).replace("{parts}", parts)
        for what, text in RECEIVERS.items()
    }
    assert found(files) == []
