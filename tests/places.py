"""Where the working tree lies: the one place of the tests that counts folders."""

from pathlib import Path
from typing import Final

REPO: Final = Path(__file__).resolve().parents[1]
FIRMWARE: Final = REPO / "firmware"
DOCS: Final = REPO / "docs"
