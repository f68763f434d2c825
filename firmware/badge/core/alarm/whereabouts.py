"""What the badge knows of where it is: the last fix, the serving cell, the room tag heard best.

In memory only: a reset forgets it, and a fix is forgotten once it is too old to be told.
"""

from badge.core import ticks
from badge.core.codec.place import AGE_MAX_S, TAG_ID_BYTES, Position
from badge.core.portable import const

# A cell, and a tag, are told to an open alarm at most so often: at the edge of two the modem goes
# to and fro, and so does who walks between two rooms.
_EVERY_MS = const(60_000)
# A speed is that of now.
_SPEED_MS = const(60_000)


class Whereabouts:
    """`serial` rises with each change that an open alarm has to tell."""

    def __init__(self):
        self.serial = 0
        self.cell = None
        self.tag = None
        self._fix = None
        self._fix_ms = 0
        self._cell_told = None
        self._cell_ms = None
        self._tag_told = None
        self._tag_ms = None

    def fixed(self, fix, source, now_ms):
        """Here it is now: a Fix of core/fix_check.py; `source` as place.Position has it."""
        self._fix = fix, source
        self._fix_ms = now_ms
        self.serial += 1

    def in_cell(self, cell, now_ms):
        """The network serves it in this place.Cell."""
        self.cell = cell
        self.serial_at(now_ms)

    def near_tag(self, tag):
        """This place.Tag is heard best, or none (None)."""
        if tag is not None and len(tag.id) != TAG_ID_BYTES:
            raise ValueError("the id of a tag has %d bytes" % TAG_ID_BYTES)
        self.tag = tag

    def forget(self):
        """The last fix is nobody's business any more."""
        self._fix = None

    def fix_age_s(self, now_ms):
        """How old the last fix is, or None; to be asked at least every six days."""
        if self._fix is None:
            return None
        age_ms = ticks.diff(now_ms, self._fix_ms)
        if not 0 <= age_ms <= AGE_MAX_S * 1000:
            self.forget()
            return None
        return age_ms // 1000

    def serial_at(self, now_ms):
        """Return `serial`, which a cell or a tag that has waited long enough raises."""
        if not _is_soon(now_ms, self._cell_ms):
            self._tell_cell(now_ms)
        if not _is_soon(now_ms, self._tag_ms):
            self._tell_tag(now_ms)
        return self.serial

    def _tell_cell(self, now_ms):
        cell, told = self.cell, self._cell_told
        if cell is not None and (told is None or cell[:4] != told[:4]):
            self._cell_told, self._cell_ms = cell, now_ms
            self.serial += 1

    def _tell_tag(self, now_ms):
        # That none is heard is no news, and what comes after it is.
        told, self._tag_told = self._tag_told, None if self.tag is None else self.tag.id
        if self._tag_told is not None and self._tag_told != told:
            self._tag_ms = now_ms
            self.serial += 1

    def told(self, now_ms):
        """Return (position, cell, tag, speed_cm_s, zone), each or None, as a message has them.

        `serial` is then that of what it says.
        """
        self._tell_cell(now_ms)
        self._tell_tag(now_ms)
        age_s = self.fix_age_s(now_ms)
        if age_s is None:
            return None, self.cell, self.tag, None, None
        fix, source = self._fix
        position = Position(fix.lat_e7, fix.lon_e7, fix.accuracy_m, age_s, source)
        speed_cm_s = fix.speed_cm_s if age_s * 1000 < _SPEED_MS else None
        return position, self.cell, self.tag, speed_cm_s, None


def _is_soon(now_ms, since_ms):
    return since_ms is not None and 0 <= ticks.diff(now_ms, since_ms) < _EVERY_MS
