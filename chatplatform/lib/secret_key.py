"""The secret key of development, which is made once and kept, so that a restart signs nobody out."""

import contextlib
import os
import tempfile
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def development_secret_key(folder: Path) -> str:
    """Return the key in ``folder``; make it first where there is none. Several processes may ask at once."""
    path = folder / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder)  # Readable by its owner alone.
    with os.fdopen(descriptor, "w") as file:
        file.write(get_random_secret_key())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)  # Unlike a rename, this never replaces the key of a process that was faster.
    Path(draft).unlink()
    return path.read_text().strip()
