"""A finding names the endpoints that come to its place, also by a function that a framework calls for them."""

from pathlib import Path

from analyzer.audit import audit
from analyzer.model.config import Config

BACKEND = '''\
import requests
from fastapi import APIRouter, Depends, FastAPI

app = FastAPI()


def keys():
    return requests.get("https://id.example/keys").json()


def signed(token: str, known=Depends(keys)):
    return known[token]


router = APIRouter(dependencies=[Depends(signed)])


@app.get("/me")
def me(who=Depends(signed)):
    return who


@app.get("/open")
def open_to_all():
    return {}
'''


def test_through_dependencies(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BACKEND)
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, select=("http-call-without-timeout",))
    [found] = audit(config).findings
    assert found.endpoints == ("GET /me",)
