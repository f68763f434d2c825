"""The motion around an alarm, as its badge kept it (badge/storage/motion_file.py)."""

import binascii
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from badge.core.codec import cbor
from nabij.data.motion_code import DamagedCodeError, Sample, decode
from nabij.errors import NabijError

SUFFIX: Final = ".nbm"
# The first format did not say whose motion it is; neither of these says more than that.
_PLAIN: Final = {b"NBM1": 0, b"NBM2": 32}
_PLAIN_HEAD: Final = struct.Struct("<4sHI")
_CODED: Final = b"NBM3"
_CODED_HEAD: Final = struct.Struct("<4sH")
_CRC_SIZE: Final = 4
# The ring of a badge holds 4,096.
MOST_SAMPLES: Final = 65_536
# The keys of a head and what each has; the last one is left out where it is not known.
_RATE, _COUNT, _BADGE, _BOOT, _SEQ, _KIND, _EVENT, _OPENED, _MADE_UP, _PARAMS = range(10)
_VERSION, _BOARD, _PLACEMENT, _AXES, _STEP_UG, _UPRIGHT = range(10, 16)
_NUMBERS: Final = (_RATE, _COUNT, _BOOT, _SEQ, _KIND, _EVENT, _OPENED, _PARAMS, _STEP_UG)
_TEXTS: Final = (_BADGE, _VERSION, _BOARD, _PLACEMENT, _AXES)
_MILLI_G_UG: Final = 1000


class DamagedWindowError(NabijError):
    """A stored window that cannot be used; one sentence that names it."""


@dataclass(frozen=True)
class Seen:
    """What a badge says of a window besides its samples; `event` and `opened` count them.

    `upright`: how often it had been learned before the first, and x, y and z of it, as in the
    detector's state; None where that is not known. `made_up` were measured by nobody.
    """

    kind: int
    event: int
    opened: int
    made_up: int | None
    params_crc: int
    version: str
    board: str
    placement: str
    axes: str
    upright: tuple[int, int, int, int] | None


@dataclass(frozen=True)
class Window:
    """The motion around alarm (boot, seq): int16 milli-g of x, y and z, at `rate_hz`.

    `badge` is the id that the badge had then, `seen` what else it says; None where it was not
    stored.
    """

    boot: int
    seq: int
    rate_hz: int
    badge: str | None
    samples: Sequence[Sample] = field(repr=False)
    seen: Seen | None = None


def parse_window(name: str, data: bytes) -> Window:
    """The window in a file of the badge, named after its alarm; DamagedWindowError."""
    boot, _, seq = name.removesuffix(SUFFIX).partition("-")
    if not (boot.isdecimal() and seq.isdecimal()):
        raise DamagedWindowError(f"{name} is not named after an alarm: it is left on the badge.")
    magic = data[:4]
    if magic not in (*_PLAIN, _CODED) or len(data) < _PLAIN_HEAD.size + _CRC_SIZE:
        raise DamagedWindowError(f"{name} is not a motion window: it is left out.")
    (crc,) = struct.unpack("<I", data[-_CRC_SIZE:])
    if binascii.crc32(data[:-_CRC_SIZE]) != crc:
        raise DamagedWindowError(f"{name} is damaged (its checksum is wrong): it is left out.")
    content = data[:-_CRC_SIZE]
    if magic in _PLAIN:
        return _plain(name, int(boot), int(seq), content)
    try:
        window = _coded(content)
    except (ValueError, cbor.WireError, struct.error) as error:
        raise DamagedWindowError(
            f"{name} is damaged ({error}), though its checksum is right: it is left out."
        ) from error
    if (window.boot, window.seq) != (int(boot), int(seq)):
        raise DamagedWindowError(
            f"{name} has the motion of alarm {window.boot}-{window.seq}: it is left out."
        )
    return window


def _plain(name: str, boot: int, seq: int, content: bytes) -> Window:
    whose_bytes = _PLAIN[content[:4]]
    _, rate_hz, count = _PLAIN_HEAD.unpack_from(content)
    body = content[_PLAIN_HEAD.size + whose_bytes :]
    if len(body) != 6 * count or count == 0:
        raise DamagedWindowError(
            f"{name} says {count} samples and has {len(body) // 6}: it is left out."
        )
    whose = content[_PLAIN_HEAD.size : _PLAIN_HEAD.size + whose_bytes].rstrip(b"\0")
    samples = list(struct.iter_unpack("<3h", body))
    return Window(boot, seq, rate_hz, whose.decode("ascii", "replace") or None, samples)


def _coded(content: bytes) -> Window:
    _, length = _CODED_HEAD.unpack_from(content)
    end = _CODED_HEAD.size + length
    if end > len(content):
        raise DamagedCodeError("cut off")
    head = cbor.decode(content[_CODED_HEAD.size : end])
    _check(head)
    samples = decode(content[end:], head[_COUNT])
    upright = head.get(_UPRIGHT)
    seen = Seen(
        kind=head[_KIND],
        event=head[_EVENT],
        opened=head[_OPENED],
        made_up=head.get(_MADE_UP),
        params_crc=head[_PARAMS],
        version=head[_VERSION],
        board=head[_BOARD],
        placement=head[_PLACEMENT],
        axes=head[_AXES],
        upright=None if upright is None else tuple(upright),
    )
    return Window(head[_BOOT], head[_SEQ], head[_RATE], head[_BADGE] or None, tuple(samples), seen)


def _check(head: Any) -> None:
    if not isinstance(head, Mapping):
        raise DamagedCodeError("no head")
    has_numbers = all(type(head.get(key)) is int and head[key] >= 0 for key in _NUMBERS)
    if not has_numbers or not all(isinstance(head.get(key), str) for key in _TEXTS):
        raise DamagedCodeError("a field of its head is missing")
    made_up = head.get(_MADE_UP, 0)
    upright = head.get(_UPRIGHT, [0] * 4)
    if type(made_up) is not int or not _is_upright(upright):
        raise DamagedCodeError("a field of its head is missing")
    if not 0 < head[_COUNT] <= MOST_SAMPLES or not head[_RATE]:
        raise DamagedCodeError(f"{head[_COUNT]} samples at {head[_RATE]} Hz")
    if head[_STEP_UG] != _MILLI_G_UG:
        raise DamagedCodeError(f"its steps are of {head[_STEP_UG]} micro-g, and not of 1 mg")


def _is_upright(found: Any) -> bool:
    is_list = isinstance(found, list) and len(found) == len(("times", "x", "y", "z"))
    return is_list and all(type(one) is int and 0 <= one < 1 << 16 for one in found)
