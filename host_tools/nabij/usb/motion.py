"""Motion windows of alarms, brought home from a badge as a trace bundle."""

import binascii
import csv
import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from badge.core.alarm import kinds
from nabij.data.bundle_files import INDEX, REQUIRED_COLUMNS
from nabij.data.traces import Samples
from nabij.errors import NabijError, UsageError
from nabij.event_lines import parse_event
from nabij.kind_words import ALARM_WORDS
from nabij.paths import make_folder, write_file
from nabij.usb.device import Device

FOLDER: Final = "/motion"
_SUFFIX: Final = ".nbm"
_HEAD: Final = struct.Struct("<4sHI")
_BADGE_BYTES: Final = 32
# The first format did not say whose motion it is.
_MAGICS: Final = {b"NBM1": 0, b"NBM2": _BADGE_BYTES}
# Of which nobody can say whose it is.
_UNKNOWN: Final = "unknown"
_CRC_SIZE: Final = 4
_COLUMNS: Final = (*REQUIRED_COLUMNS, "boot", "seq")


class DamagedWindowError(NabijError):
    """A stored window that cannot be used; one sentence that names it."""


@dataclass(frozen=True, eq=False)
class Window:
    """The motion around alarm (boot, seq): int16 milli-g, N x 3, at `rate_hz`.

    `badge` is the id that the badge had then; None where it was not stored.
    """

    boot: int
    seq: int
    rate_hz: int
    badge: str | None
    samples: Samples


@dataclass(frozen=True)
class Pulled:
    """What `pull` did: names of new trials, of those that were there, and what is damaged."""

    saved: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_window(name: str, data: bytes) -> Window:
    """The window in a file of the badge (badge/storage/motion_file.py); DamagedWindowError."""
    boot, _, seq = name.removesuffix(_SUFFIX).partition("-")
    if not (boot.isdecimal() and seq.isdecimal()):
        raise DamagedWindowError(f"{name} is not named after an alarm: it is left on the badge.")
    whose_bytes = _MAGICS.get(data[:4])
    if whose_bytes is None or len(data) < _HEAD.size + whose_bytes + _CRC_SIZE:
        raise DamagedWindowError(f"{name} is not a motion window: it is left out.")
    (crc,) = struct.unpack("<I", data[-_CRC_SIZE:])
    if binascii.crc32(data[:-_CRC_SIZE]) != crc:
        raise DamagedWindowError(f"{name} is damaged (its checksum is wrong): it is left out.")
    _, rate_hz, count = _HEAD.unpack_from(data)
    body = data[_HEAD.size + whose_bytes : -_CRC_SIZE]
    if len(body) != 6 * count or count == 0:
        raise DamagedWindowError(
            f"{name} says {count} samples and has {len(body) // 6}: it is left out."
        )
    samples = np.frombuffer(body, dtype="<i2").reshape(-1, 3).astype(np.int16)
    whose = data[_HEAD.size : _HEAD.size + whose_bytes].rstrip(b"\0").decode("ascii", "replace")
    return Window(int(boot), int(seq), rate_hz, whose or None, samples)


def pull(
    device: Device, bundle: Path, tell: Callable[[str, int, int], None] | None = None
) -> Pulled:
    """Bring the badge's windows into the bundle; what is there already is not fetched again.

    Each is filed under the id that the badge had when it was stored.
    `tell(name, bytes so far, bytes in all)` hears of the progress.
    """
    badge = str(device.info.get("badge") or device.info.get("serial"))
    rows = _rows_of(bundle)
    pulled = Pulled()
    raised_by = alarm_kinds(device)
    for name, size in sorted(device.list_files(FOLDER).items()):
        if not name.endswith(_SUFFIX) or size is None:
            continue
        alarm = name.removesuffix(_SUFFIX)
        known = [one for one in (f"{badge}-{alarm}", f"{_UNKNOWN}-{alarm}") if one in rows]
        if known:
            pulled.known.extend(known)
            continue

        def progress(done: int, total: int, name: str = name) -> None:
            if tell is not None:
                tell(name, done, total)

        try:
            window = parse_window(name, device.get_file(f"{FOLDER}/{name}", progress))
        except DamagedWindowError as damaged:
            pulled.problems.append(damaged.sentence)
            continue
        whose = window.badge or _UNKNOWN
        trial = f"{whose}-{alarm}"
        if trial in rows:
            pulled.known.append(trial)
            continue
        kind = raised_by.get((window.boot, window.seq), "alarm")
        rows[trial] = _row(trial, whose, kind, window)
        _write_npz(bundle / rows[trial]["npz"], window.samples)
        _write_index(bundle, rows)
        pulled.saved.append(trial)
    return pulled


def read_events(device: Device) -> list[tuple[int, int, str]]:
    """The badge's event journal: (number, boot, text), oldest first."""
    events: list[tuple[int, int, str]] = []
    start: int | None = 0
    while start is not None:
        page = device.request("log", **{"from": start})
        events += [(int(n), int(boot), str(text)) for n, boot, text in page["records"]]
        start = page["next"]
    return events


def alarm_kinds(device: Device) -> dict[tuple[int, int], str]:
    """What raised each alarm that the event journal still knows, by the name of its kind."""
    found = {}
    for _number, _boot, text in read_events(device):
        event = parse_event(f"# {text}")
        if event is not None and event.alarm is not None and "kind" in event.fields:
            found[event.alarm] = event.fields["kind"]
    return found


def _row(trial: str, badge: str, kind: str, window: Window) -> dict[str, str]:
    return {
        "trial_id": trial,
        "subject": badge,
        "activity_code": kind,
        "activity": f"{ALARM_WORDS.get(kind, 'Alarm')} (not verified)",
        # What the badge took it for; whoever knows better corrects the table.
        "is_fall": str(int(kind == kinds.of(kinds.MAN_DOWN).name)),
        "rate_hz": str(window.rate_hz),
        "placement": "neck",
        "start": "0",
        "length": str(len(window.samples)),
        "npz": f"{trial}.npz",
        "boot": str(window.boot),
        "seq": str(window.seq),
    }


def _rows_of(bundle: Path) -> dict[str, dict[str, str]]:
    index = bundle / INDEX
    if not index.exists():
        if bundle.exists() and (not bundle.is_dir() or any(bundle.iterdir())):
            raise UsageError(
                f"{bundle} is there and is no trace bundle: name a new folder with -o."
            )
        return {}
    with index.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise UsageError(
                f"{bundle} is a bundle of something else than pulled windows: "
                "name another folder with -o."
            )
        return {row["trial_id"]: dict(row) for row in reader}


def _write_npz(path: Path, samples: Samples) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, acc=samples)
    make_folder(path.parent)
    write_file(path, buffer.getvalue())


def _write_index(bundle: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    write_file(bundle / INDEX, text.getvalue().encode())
