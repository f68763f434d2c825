"""What can be read of the database without SQLAlchemy, which is an extra."""

import sqlite3
from pathlib import Path

from nabij.errors import NabijError


def stored_key(file: Path, badge: str) -> bytes | None:
    """The HMAC key of a badge, also while a receiver has the database open; None if unknown."""
    connection = sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT hmac_key FROM badge WHERE badge = ?", (badge,)).fetchone()
    except sqlite3.Error as error:
        raise NabijError(
            f"Cannot read the database {file} ({error}): restore it from a backup."
        ) from error
    finally:
        connection.close()
    return None if row is None else bytes(row[0])
