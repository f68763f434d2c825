"""A file that stays as it is while it is read: sticks are pulled out, and loggers still write."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from nabij.data.common import UnusableFileError


@contextlib.contextmanager
def unchanged(path: Path, name: str) -> Iterator[None]:
    """UnusableFileError for a file that went, failed or changed in the meantime."""
    try:
        before = path.stat()
        yield
        after = path.stat()
    except OSError as error:
        raise UnusableFileError(
            f"{name} cannot be read to its end ({error.strerror}): see that it and its disk are "
            "still there, and import it again."
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnusableFileError(
            f"{name} changed while it was read: import it again when it is complete."
        )
