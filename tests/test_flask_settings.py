"""Classes and modules that Flask applications are configured from, and what production has of them."""

from __future__ import annotations

import pytest
from backends import declared

from analyzer.link.settings import settings
from analyzer.model.answer import Known, Unknown

CLASSES = """\
import os
class Config:
    SESSION_COOKIE_SECURE = False
class ProductionConfig(Config):
    SESSION_COOKIE_SECURE = True
class StagingConfig(Config):
    pass
class DevConfig(Config):
    DEBUG = True
by_name = {"prod": ProductionConfig, "dev": DevConfig}
unclear = {"one": ProductionConfig, "two": StagingConfig}
"""
APP = """\
import os
from flask import Flask
from shop import config
from shop.config import Config, DevConfig, ProductionConfig, StagingConfig, by_name
def create_app(name):
    app = Flask(__name__)
    {}
    return app
"""


def said(argument: str, name: str = "SESSION_COOKIE_SECURE", classes: str = CLASSES) -> list[tuple[int, str, str]]:
    """Line, value and whether production has it, of each place that sets a name."""
    lines = argument if "\n" in argument or "app." in argument else f"app.config.from_object({argument})"
    files = {"shop/__init__.py": "", "shop/config.py": classes, "shop/app.py": APP.format(lines)}
    [found] = declared(lambda ev: [settings(ev, name)], files)
    return [(s.at.span.line, _word(s.value), _word(s.production)) for s in found]  # type: ignore[attr-defined]


def _word(answer: Known[object] | Unknown) -> str:
    return str(answer.value) if isinstance(answer, Known) else "?"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("ProductionConfig", [(5, "True", "True")]),
        ("ProductionConfig()", [(5, "True", "True")]),
        ("config.ProductionConfig", [(5, "True", "True")]),
        ("'shop.config.ProductionConfig'", [(5, "True", "True")]),
        ("os.environ.get('SHOP', 'shop.config.StagingConfig')", [(3, "False", "True")]),
        ("f'shop.config.{name}Config'", [(3, "False", "False"), (5, "True", "True")]),
        ("by_name[name]", [(3, "False", "False"), (5, "True", "True")]),
        ("by_name.get(name)", [(3, "False", "False"), (5, "True", "True")]),
        ("StagingConfig", [(3, "False", "?")]),
        ("DevConfig", [(3, "False", "False")]),
        ("name", []),
    ],
)
def test_who_is_given(argument: str, expected: list[tuple[int, str, str]]) -> None:
    assert said(argument) == expected


def test_production_wins_over_all_that_are_named_for_something_else() -> None:
    classes = CLASSES.replace("Production", "Prod")
    assert said("config.by_name[name]", classes=classes) == [(3, "False", "False"), (5, "True", "True")]
    assert said("config.by_name[name]", "DEBUG", classes) == [(9, "True", "False")]


def test_several_that_disagree_are_unknown() -> None:
    classes = "class First:\n    WTF_CSRF_ENABLED = False\nclass Second:\n    X = 1\nboth = {'a': First, 'b': Second}\n"
    assert said("config.both[name]", "WTF_CSRF_ENABLED", classes) == [(2, "?", "?")]
    agreed = classes.replace("X = 1", "WTF_CSRF_ENABLED = False")
    found = [(2, "False", "?"), (4, "False", "?")]
    assert said("config.both[name]", "WTF_CSRF_ENABLED", agreed) == found


def test_what_is_read_where_the_backend_runs_may_say_otherwise() -> None:
    for reading in ("from_envvar('SHOP')", "from_prefixed_env()", "from_pyfile('shop.cfg')"):
        lines = f"app.config.from_object(StagingConfig)\n    app.config.{reading}"
        assert said(lines) == [(3, "?", "?")]


def test_a_module_by_its_name() -> None:
    classes = "SESSION_COOKIE_SECURE = False\nif __debug__:\n    SESSION_COOKIE_HTTPONLY = False\n"
    assert said("'shop.config'", classes=classes) == [(1, "False", "?")]
    assert said("'shop.config'", "SESSION_COOKIE_HTTPONLY", classes) == [(3, "?", "?")]


def test_an_assignment_replaces_it() -> None:
    lines = "app.config.from_object(StagingConfig)\n    app.config['SESSION_COOKIE_SECURE'] = True"
    assert said(lines) == [(8, "True", "?"), (3, "False", "?")]
    files = {"config.py": CLASSES, "app.py": APP.format(lines).replace("shop.config", "config").replace("shop", "x")}
    [found] = declared(lambda ev: [settings(ev, "SESSION_COOKIE_SECURE")], files)
    assert [s.overridden and s.overridden.span.line for s in found] == [None, 8]  # type: ignore[attr-defined]
