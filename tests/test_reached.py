"""What an endpoint's code uses outside of the process, and how far below the handler."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from analyzer.audit import ask
from analyzer.model.answer import Known, Unknown
from analyzer.model.config import Config
from analyzer.model.reached import Reach, Reached

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


STORE = """
    from fastapi import FastAPI
    from sqlalchemy import create_engine, delete, select, text
    from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

    class Base(DeclarativeBase): ...
    class Order(Base):
        __tablename__ = "orders"
    class Line(Base):
        __tablename__ = "lines"

    app = FastAPI()
    maker = sessionmaker(create_engine("sqlite://"))

    @app.get("/orders")
    def orders():
        with maker() as db:
            return db.scalars(select(Order)).all(), db.query(Line).count()

    @app.post("/orders")
    def gone():
        with maker() as db:
            db.execute(delete(Order))
            db.execute(text("UPDATE lines SET open = false"))
            unknown_thing()(db)

    def down(n): return down2(n)
    """
DEEP = "".join(f"\n    def down{n}(x): return down{n + 1}(x)\n" for n in range(2, 14))
LAST = """
    def down14(x): return x

    @app.get("/deep")
    def deep(): return down(1)
    """


def reach(tmp_path: Path) -> dict[str, Reach]:
    """ "GET /orders" → what its handler comes to."""
    (tmp_path / "main.py").write_text(dedent(STORE + DEEP + LAST))
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1)
    return ask(config, lambda p, _: {f"{one.methods[0]} {one.path}": p.reach(one) for one in p.endpoints()})


def test_what_queries_do_and_to_which_tables(tmp_path: Path) -> None:
    found = reach(tmp_path)
    told = {key: [(one.does, one.tables) for one in held.found if one.does] for key, held in found.items()}
    assert told["GET /orders"][:2] == [("select", ("Order",)), ("select", ("Line",))]
    assert told["POST /orders"] == [("delete", ("Order",)), ("update", ("lines",))]


def test_how_far_the_way_was_followed(tmp_path: Path) -> None:
    found = reach(tmp_path)
    assert (found["GET /orders"].functions, found["GET /orders"].whole) == (1, Known(True))
    assert found["POST /orders"].unfollowed == 2  # something unknown, and what that gives back
    assert found["GET /deep"].whole == Unknown("more than 8 calls one below another")
    assert found["GET /deep"].functions == 9
