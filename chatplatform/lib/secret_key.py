"""The secret key of development, which is made once and kept, so that a restart signs nobody out."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def development_secret_key(folder: Path) -> str:
    """Return the key in ``folder``; make it first where there is none. Several processes may ask at once."""
    path = folder / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"secret_key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(get_random_secret_key())
    try:
        os.link(draft, path)  # Unlike a rename, this never replaces the key of a process that was faster.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
