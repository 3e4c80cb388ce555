"""The secret key of development."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chatplatform.lib.secret_key import development_secret_key


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    key = development_secret_key(folder)
    assert len(key) >= 50
    assert development_secret_key(folder) == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        keys = set(executor.map(development_secret_key, [tmp_path / str(n // 2) for n in range(2)]))
    assert len(keys) == 1
