"""Environment variables: what is wrong is said in one sentence that names the variable."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatplatform.lib.env import Env


def test_a_flag_understands_the_usual_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, expected in {
        "true": True,
        "1": True,
        "ON": True,
        "false": False,
        "0": False,
        "No": False,
        "": True,
    }.items():
        monkeypatch.setenv("THING", word)
        assert Env().flag("THING", default=True) is expected


def test_a_secret_comes_from_a_file_without_its_line_break(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("THING", "from the variable")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    assert Env().text("THING") == "from the file"


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"^THING_FILE names a file that cannot be read"):
        Env().text("THING")


def test_a_list_is_divided_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", " a, b,,c ")
    assert Env().words("THING") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda env: env.flag("THING", default=False), "perhaps"),
        (lambda env: env.choice("THING", "a", ("a", "b")), "c"),
        (lambda env: env.integer("THING", 1), "1.5"),
        (lambda env: env.integer("THING", 1, minimum=1), "0"),
        (lambda env: env.integer("THING", 1), "-1"),
        (lambda env: env.seconds("THING", 1.0), "soon"),
        (lambda env: env.seconds("THING", 1.0), "nan"),
        (lambda env: env.seconds("THING", 1.0), "inf"),
        (lambda env: env.url("THING"), "example.com"),
        (lambda env: env.url("THING"), "javascript://alert(1)"),
        (lambda env: env.rate("THING", "1/minute"), "many"),
        (lambda env: env.rate("THING", "1/minute"), "0/minute"),
        (lambda env: env.database("THING"), "mysql://user@host/name"),
        (lambda env: env.database("THING"), "postgresql://user@host:5432"),
        (lambda env: env.database("THING"), "postgresql://user@host:port/name"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[Env], Any], value: str
) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match="THING") as refusal:
        read(Env())
    assert "\n" not in str(refusal.value)


def test_a_database_password_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "postgresql://user:sesame@host:port/name")
    with pytest.raises(ImproperlyConfigured) as refusal:
        Env().database("THING")
    assert "sesame" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_a_database_on_a_socket_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "postgresql://me@/chat?host=%2Frun%2Fpg&port=5433&sslmode=disable")
    database = Env().database("THING")
    assert database is not None
    assert {key: database[key] for key in ("NAME", "USER", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "chat",
        "USER": "me",
        "HOST": "/run/pg",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "disable"},
    }
