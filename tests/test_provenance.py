"""What names and texts say of themselves, what values are made of, and that no message holds a secret."""

import base64
import json
import re

import pytest
from marks import Case, cases, judge

from analyzer import assets
from analyzer.extract.python import read
from analyzer.frameworks import ALL
from analyzer.libraries import load_libraries
from analyzer.link import build, link, top_packages
from analyzer.link.formats import format_of, look_of, password_in
from analyzer.link.project import LinkedProject
from analyzer.link.vocabulary import holds
from analyzer.model.facts import Extracted
from analyzer.model.provenance import Look, Source, Writing

SECRETS = [case for case in cases() if case.rule == "secret-in-source"]


def linked(text: str) -> LinkedProject:
    facts = read(text.encode(), "auto")
    index = build([Extracted("app.py", facts)], ())
    return link(index, load_libraries(assets.rules() / "libraries", top_packages(index)), ALL, with_tests=False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"), ("user.rawPassword", "password"), ("DB.default.PASSWORD", "password"),
        ("confirm_password", "password"), ("pwd2", "password"), ("client_secret", "secret"), ("stripeApiKey", "secret"),
        ("SECRET_KEY", "secret"), ("password_hash", ""), ("PASSWORD_RESET_URL", ""), ("hashedPassword", ""),
        ("next_page_token", ""), ("key", ""), ("public_key", ""), ("passport", ""), ("pinned", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_name_says_what_it_holds(name: str, kind: str) -> None:
    assert holds(name) == kind


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("kJ8#vQ2m!xR7tLp9", Look.DRAWN), ("QxVtZkMwPbRnYcLs", Look.DRAWN), ("postgres", Look.WORDS),
        ("ManagedIdentityCredential", Look.WORDS), ("/etc/keys/database_fields.key", Look.WORDS), ("", Look.PLACEHOLDER),
        ("9f1c2f6e-5b0a-4c59-9f0e-2a7b3c4d5e6f", Look.WORDS), ("changeme", Look.PLACEHOLDER), ("${SECRET}", Look.PLACEHOLDER),
        ("<your key>", Look.PLACEHOLDER), ("xxxxxxxxxxxx", Look.PLACEHOLDER), ("pk_live_9aB3dE5fG7hJ9kL1", Look.WORDS),
    ],
)  # fmt: skip
def test_how_a_text_looks(text: str, look: Look) -> None:
    assert look_of(text) is look


def jwt(claims: object) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, claims)
    )
    return f"{head}.{body}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_formats_of_issuers() -> None:
    token = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    assert format_of(f"Bearer {token}") == "a GitHub token"
    assert format_of(token[:-1]) == ""
    assert format_of("AKIAIOSFODNN7EXAMPLE") == ""
    assert format_of("ghp_" + "x" * 36) == ""
    assert format_of(jwt({"role": "service_role", "iss": "supabase"})) == "a service_role key of Supabase"
    assert format_of(jwt({"role": "anon", "iss": "supabase"})) == ""
    assert format_of(jwt(["no", "claims"])) == format_of("eyJhbGciOiJIUzI1NiJ9.eyJ!!!.x") == ""


def test_passwords_in_connection_strings() -> None:
    assert password_in("postgresql://shop:s3cret@db.shop.net:5432/shop") == ("s3cret", False)
    assert password_in("redis://:s3cret@localhost:6379/0") == ("s3cret", True)
    assert password_in("postgresql://shop@db.shop.net/shop") is None
    assert password_in("postgresql://shop:${PASSWORD}@db.shop.net/shop") is None
    assert password_in("https://shop.net:8443/a?to=b@c.net") is None


def test_a_value_is_followed_through_callers_and_helpers() -> None:
    project = linked(
        "import hashlib\n"
        "def digest(data):\n    return hashlib.sha256(data).hexdigest()\n"
        "def salted(text):\n    return ('salt' + text).encode()\n"
        "def store(form):\n    return digest(salted(form['password']))\n"
    )
    [derivation] = project.derivations("hashed")
    [part] = [part for part in derivation.parts if part.holds == "password"]
    assert (part.source, part.written, part.direct) == (Source.NAME, "password", True)
    assert [step.at.span.line for step in part.trace] == [7, 7]


def test_what_is_only_looked_up_with_a_value_is_not_made_of_it() -> None:
    project = linked("import hashlib\ndef f(find, password):\n    return hashlib.md5(find(password))\n")
    [derivation] = project.derivations("hashed")
    assert not any(part.direct and part.holds for part in derivation.parts)


def test_recursion_ends() -> None:
    project = linked("import hashlib\ndef f(a):\n    a = a + f(a)\n    return f(hashlib.md5(a).digest())\n")
    assert len(project.derivations("hashed")) == 1


def test_a_long_sum_is_cut_and_says_so() -> None:
    names = [f"a{number}" for number in range(300)]
    project = linked(f"import hashlib\ndef f({', '.join(names)}):\n    return hashlib.md5({' + '.join(names)})\n")
    [derivation] = project.derivations("hashed")
    assert not derivation.complete


def test_texts_have_the_names_they_are_given_to() -> None:
    project = linked(
        'import os\nA = {"b": ["secret-1", f(c="secret-2")]}\nclass S(BaseSettings):\n    d: str = Field("secret-3")\n'
        'e = os.getenv("E", "secret-4")\ndef g(h="secret-5"):\n    """secret-6"""\n    return h == "secret-7"\n'
    )
    found = [(t.name, t.text, t.writing) for t in project.written_texts("secret-")]
    assert found == [
        ("A.b.0", "secret-1", Writing.ASSIGNED), ("c", "secret-2", Writing.ARGUMENT), ("d", "secret-3", Writing.DEFAULT),
        ("e", "secret-4", Writing.FALLBACK), ("h", "secret-5", Writing.DEFAULT), ("h", "secret-7", Writing.COMPARED),
    ]  # fmt: skip


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.name)
def test_no_finding_tells_the_secret(case: Case) -> None:
    findings = [f for f in judge(case.files, (case.rule,)).findings if f.rule == case.rule]
    assert findings
    for finding in findings:
        span = finding.at.span
        line = case.files[finding.at.path].decode().splitlines()[span.line - 1]
        written = line[span.column : span.end_column]
        written = (written if finding.at.path.endswith(".py") else re.split("[=:] ?", written)[-1]).strip("\"'")
        told = [finding.message, finding.subject, *(s.message for s in (*finding.trace, *finding.related))]
        assert not any(written[:5] in text for text in told), (finding.at, finding.message)
