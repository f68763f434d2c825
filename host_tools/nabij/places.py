"""Where the parts of the project that are no Python of this package lie."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FIRMWARE: Final = ROOT / "firmware"
SIMULATOR: Final = ROOT / "sim"
HARDWARE: Final = ROOT / "hardware"
DOCS: Final = ROOT / "docs"
# Recordings that no repository holds; NABIJ_DATA names another folder.
RECORDINGS: Final = ROOT.parent / "shared" / "data"
