"""Motion windows of a badge: read as they were stored, filed under whose they are."""

from __future__ import annotations

import binascii
import struct
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from nabij.data import traces
from nabij.data.alarm_window import DamagedWindowError, parse_window
from nabij.usb.device import Device
from nabij.usb.motion import pull

SAMPLES = np.arange(300, dtype="<i2").reshape(-1, 3)


def stored(badge: str | None) -> bytes:
    """A file of the badge (badge/storage/motion_file.py); None: as the first firmware wrote it."""
    body = SAMPLES.tobytes()
    if badge is None:
        data = struct.pack("<4sHI", b"NBM1", 104, len(SAMPLES)) + body
    else:
        data = struct.pack("<4sHI32s", b"NBM2", 104, len(SAMPLES), badge.encode()) + body
    return data + struct.pack("<I", binascii.crc32(data))


class Shelf:
    """A badge that has windows: what `pull` asks of a Device."""

    info = {"badge": "nb-0008"}  # noqa: RUF012

    def __init__(self, windows: dict[str, bytes]) -> None:
        self.windows = windows

    def list_files(self, _folder: str) -> dict[str, int]:
        return {name: len(data) for name, data in self.windows.items()}

    def get_file(self, path: str, _progress: object) -> bytes:
        return self.windows[path.rpartition("/")[2]]

    def request(self, verb: str, **_fields: object) -> dict[str, Any]:
        assert verb == "log"
        return {"records": [], "next": None}


def test_a_window_says_whose_it_is() -> None:
    window = parse_window("7-2.nbm", stored("nb-0007"))
    assert (window.badge, window.boot, window.seq, window.rate_hz) == ("nb-0007", 7, 2, 104)
    assert (np.array(window.samples) == SAMPLES).all()
    assert parse_window("7-2.nbm", stored(None)).badge is None
    with pytest.raises(DamagedWindowError, match="checksum"):
        parse_window("7-2.nbm", stored("nb-0007").replace(b"nb-0007", b"nb-0009"))


def test_motion_is_never_filed_under_the_badge_that_it_is_not_of(tmp_path: Path) -> None:
    """A badge that was provisioned anew, with windows of before."""
    windows = {"1-1.nbm": stored("nb-0007"), "1-2.nbm": stored(None), "2-1.nbm": stored("nb-0008")}
    device = cast("Device", Shelf(windows))
    bundle = tmp_path / "motion"
    assert pull(device, bundle).saved == ["nb-0007-1-1", "unknown-1-2", "nb-0008-2-1"]
    assert [(row["trial_id"], row["subject"]) for row in traces.index(bundle)] == [
        ("nb-0007-1-1", "nb-0007"),
        ("unknown-1-2", "unknown"),
        ("nb-0008-2-1", "nb-0008"),
    ]
    # And once more: nothing twice.
    assert pull(device, bundle).saved == []
