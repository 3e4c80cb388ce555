"""The table of rate limits is the only place that limits rates, and all of it is used."""

import re
from pathlib import Path

from chatplatform import settings as definitions
from tenants.rate_limits import COUNTED, KEYS, RATE_LIMITS
from tests.support.repository import name_of, source_files, text_of

_OURS = ("accounts/", "chat/", "chatplatform/", "tenants/")


def _sources() -> dict[str, str]:
    files: list[Path] = source_files()
    return {name_of(file): text_of(file) for file in files if name_of(file).startswith(_OURS) and file.suffix == ".py"}


def test_nothing_else_counts() -> None:
    users = {name for name, text in _sources().items() if re.search(r"\bimport .*\bquotas\b|quotas\.spend", text)}
    assert users == {"tenants/rate_limits.py"}


def test_each_row_has_known_keys_and_a_rate_that_exists() -> None:
    for row in RATE_LIMITS:
        assert row.name in COUNTED
        assert set(row.key) <= set(KEYS)
        assert hasattr(definitions, row.rate) or re.fullmatch(r"\d+/\d*(minute|hour|day)", row.rate), row


def test_rows_of_one_name_stand_together() -> None:
    names = list(dict.fromkeys(row.name for row in RATE_LIMITS))
    assert sorted(names) == sorted(COUNTED)
    assert [row.name for row in RATE_LIMITS] == [row.name for name in names for row in RATE_LIMITS if row.name == name]


def test_everything_in_the_table_is_counted_somewhere() -> None:
    text = "\n".join(text for name, text in _sources().items() if name != "tenants/rate_limits.py")
    assert [name for name in COUNTED if f'"{name}"' not in text] == []


def test_every_setting_of_a_rate_is_in_the_table() -> None:
    rates = set(re.findall(r'env\.rate\("(\w+)"', Path(definitions.__file__ or "").read_text()))
    assert rates == {row.rate for row in RATE_LIMITS if row.rate.isupper()}
