"""Where the parts of the project that are no Python of this package lie.

In a checkout they lie beside `host_tools`; a wheel has copies in `nabij/shipped`.
"""

import os
from pathlib import Path
from typing import Final

_SHIPPED: Final = Path(__file__).resolve().parent / "shipped"
INSTALLED: Final = _SHIPPED.is_dir()
ROOT: Final = _SHIPPED if INSTALLED else Path(__file__).resolve().parents[2]
FIRMWARE: Final = ROOT / "firmware"
SIMULATOR: Final = ROOT / "sim"
HARDWARE: Final = ROOT / "hardware"


def recordings() -> Path:
    """The recordings, which no repository holds: NABIJ_DATA, else shared/data beside us."""
    return Path(os.environ.get("NABIJ_DATA") or ROOT.parent / "shared" / "data")
