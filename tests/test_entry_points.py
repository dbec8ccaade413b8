"""Who says which Django settings module is loaded, in the ways that real backends write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from backends import declared

from analyzer.link.entry_points import entry_points, loads_elsewhere, of_servers

SETTINGS = {"shop/__init__.py": "", "shop/settings.py": "INSTALLED_APPS = []\n"}


def ask(question: Any, files: Mapping[str, str], **more: Any) -> Any:
    """What a question says of a project."""
    return declared(lambda ev: [question(ev)], {**SETTINGS, **files}, **more)[0]


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "import os\nos.environ.setdefault(str('DJANGO_SETTINGS_MODULE'), str('shop.settings'))\n",
        "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n",
        "import os\ndef run():\n    os.environ[str('DJANGO_SETTINGS_MODULE')] = str('shop.settings')\n",
        "from os import environ\nNAME = 'DJANGO_SETTINGS_MODULE'\nMODULE = 'shop.settings'\nenviron.setdefault(NAME, MODULE)\n",
        "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = os.getenv('SHOP_SETTINGS', 'shop.settings')\n",
        "import os\ndef _point_to(module):\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', module)\n_point_to('shop.settings')\n",
    ],
)
def test_however_it_is_written(source: str) -> None:
    assert ask(entry_points, {"shop/wsgi.py": source}) == (("shop/wsgi.py", "shop.settings"),)


def test_other_variables_and_other_mappings_say_nothing() -> None:
    source = "import os\nos.environ['OTHER'] = 'shop.settings'\nseen = {}\nseen['DJANGO_SETTINGS_MODULE'] = 'x.y'\n"
    assert ask(entry_points, {"shop/wsgi.py": source}) == ()


def test_tests_and_the_builds_of_a_repository_start_no_server() -> None:
    entries = {
        "deploy/app.env": {"DJANGO_SETTINGS_MODULE": "shop.settings"},
        "pytest.ini": {"pytest.DJANGO_SETTINGS_MODULE": "shop.testing"},
        ".github/workflows/build.yml": {"env.DJANGO_SETTINGS_MODULE": "shop.building"},
    }
    assert ask(entry_points, {}, entries=entries) == (("deploy/app.env", "shop.settings"),)
    manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.development')\n"
    assert ask(of_servers, {"manage.py": manage}) == []


@pytest.mark.parametrize(
    ("named", "elsewhere"), [("shop.settings", False), ("shop_conf", True), ("${SETTINGS}", False), ("", False)]
)
def test_a_module_that_is_made_when_the_backend_is_installed(named: str, elsewhere: bool) -> None:
    source = f"import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{named}')\n"
    assert ask(lambda ev: loads_elsewhere(ev, "shop/settings.py"), {"shop/wsgi.py": source}) is elsewhere
    assert ask(lambda ev: loads_elsewhere(ev, "other/settings.py"), {"shop/wsgi.py": source}) is False
