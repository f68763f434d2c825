"""A bundle's folder comes into being as a whole: beside its place, and moved there when complete.

What a killed import left beside it is cleared away by the next one into the same parent.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nabij.data.bundle_files import INDEX
from nabij.errors import NabijError, UsageError, exit_code_of
from nabij.paths import require_parent

# Hidden beside the bundles; a lock on the folder says that its import still runs.
_NEW: Final = ".nabij-new-"
_OLD: Final = ".nabij-old-"


@contextmanager
def new_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends well, and else vanishes.

    A link is followed: what it points to is made or replaced.
    """
    target = target.resolve()
    require_parent(target)
    _refuse_overwriting(target, force=force)
    try:
        _clear_away(target.parent)
        temporary = Path(tempfile.mkdtemp(prefix=_NEW, dir=target.parent))
    except OSError as error:
        raise NabijError(
            f"Cannot write to {target.parent}: {error.strerror}.", exit_code_of(error)
        ) from error
    try:
        with _locked(temporary):
            temporary.chmod(0o755)
            yield temporary
            _refuse_overwriting(target, force=force)
            _put(temporary, target)
    except OSError as error:
        raise NabijError(f"Cannot write {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    # The old bundle steps aside first: at no moment is half a bundle at its place.
    aside = Path(tempfile.mkdtemp(prefix=_OLD, dir=target.parent))
    with _locked(aside):
        target.rename(aside / target.name)
        temporary.rename(target)
        shutil.rmtree(aside)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep others from clearing it away, as long as this process lives."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _clear_away(parent: Path) -> None:
    """Remove what killed imports left; an old bundle without its successor comes back."""
    for folder in [*parent.glob(f"{_NEW}*"), *parent.glob(f"{_OLD}*")]:
        # In use, not ours, or gone meanwhile: it stays.
        with contextlib.suppress(OSError), _locked(folder):
            if folder.name.startswith(_OLD):
                for bundle in folder.iterdir():
                    if not (parent / bundle.name).exists():
                        bundle.rename(parent / bundle.name)
            shutil.rmtree(folder)


def _refuse_overwriting(target: Path, *, force: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} exists and is not a folder: choose another name.")
    if not any(target.iterdir()):
        return
    if not (target / INDEX).is_file():
        raise UsageError(f"{target} holds other things than a bundle: choose another name.")
    if not force:
        raise UsageError(f"{target} exists already: add --force to replace it.")
