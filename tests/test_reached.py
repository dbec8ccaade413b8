"""What an endpoint's code uses outside of the process, and how far below the handler."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from analyzer.audit import ask
from analyzer.model.config import Config
from analyzer.model.reached import Reached

APP = """
    import requests
    from django.db import transaction
    from fastapi import Depends, FastAPI
    from sqlalchemy.orm import Session
    from data import session, save

    app = FastAPI()

    @app.get("/rates")
    def rates():
        return requests.get("https://rates.example", timeout=3).json()

    @app.post("/orders")
    def order(db: Session = Depends(session)):
        save(db)

    @app.get("/nothing")
    def nothing():
        return {}
    """
DATA = """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session, sessionmaker

    maker = sessionmaker(create_engine("sqlite://"))

    def session():
        with maker() as held:
            yield held

    def save(db: Session):
        with db.begin():
            db.flush()
    """


def test_what_each_endpoint_comes_to(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(dedent(APP))
    (tmp_path / "data.py").write_text(dedent(DATA))
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1)
    found: dict[str, tuple[Reached, ...]] = ask(
        config, lambda project, _: {one.path: tuple(project.reached(one)) for one in project.endpoints()}
    )
    told = {
        path: [(one.kind, one.name, f"{one.at.path}:{one.at.span.line}", one.depth) for one in held]
        for path, held in found.items()
    }
    assert told == {
        "/nothing": [],
        "/orders": [
            ("transaction", "sqlalchemy.orm.Session.begin", "data.py:12", 1),
            ("database", "sqlalchemy.orm.Session.flush", "data.py:13", 1),
        ],
        "/rates": [("http", "requests.get", "main.py:12", 0)],
    }
