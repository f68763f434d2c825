"""Sends the motion of alarms that were received, piece by piece, when nothing else is to be done.

A window is marked in flash once the receipt is there, so that it is sent after a restart as well.
Only alarms that motion itself has raised are: what led to a squeeze is nobody's business. Nothing
here asks whether an alarm was called false or under duress: both leave the same trace.
"""

from time import ticks_diff, ticks_ms

from badge.core.alarm import kinds, life
from badge.core.codec import motion_piece
from badge.core.codec.motion_piece import DONE, REFUSED, Piece
from badge.core.codec.wire import WireError
from badge.core.portable import const

KINDS = (kinds.MAN_DOWN, kinds.REST, kinds.TILT, kinds.FLIGHT)
_HEARD = (life.RECEIVED, life.TAKEN, life.HELP_COMING)
# A receiver that is busy says nothing; one that does not know pieces never will.
_ANSWER_MS = const(15_000)
_TRIES = const(3)
_MOST_ANSWERS = const(4)
_SILENT_SESSIONS = const(3)
# A window is stored when its last second has come.
_STORED_MS = const(60_000)
_HOUR_MS = const(3_600_000)
_DAY_MS = const(86_400_000)
_MOST_AN_HOUR = const(4)
_MOST_A_DAY = const(12)
# Each piece may go three times, and a few more.
_MOST_TIMES = const(3)
_SPARE_PIECES = const(20)


class MotionUpload:
    """One window at a time, and of it one piece in flight.

    `marks` is a MotionMarks; `waits(now_ms)` says whether an alarm has yet to be delivered,
    `may_use()` whether there is battery enough.
    """

    def __init__(self, common, marks, who, alarms, waits, may_use):
        self._gate = common.gate
        self._log = common.log
        self._marks = marks
        self._who = who
        self._alarms = alarms
        self._waits = waits
        self._may_use = may_use
        self._waiting = None
        # Received when, and not stored or not marked yet; marked, and over; received and open.
        self._wanted = {}
        self._over = []
        self._known = []
        self._answers = []
        self._key = self._asked_ms = None
        self._total = self._offset = self._left = self._tries = 0
        self._begun_ms = []
        self._is_silent = self._is_dead = False
        self._silent_sessions = 0

    def session_is_new(self):
        """A session has come up: what was in flight is gone, and whoever was silent may answer."""
        # Of a session that ended at a piece: what cuts off who sends it must not do so for ever.
        self._silent_sessions += self._asked_ms is not None
        self._asked_ms = None
        self._tries = 0
        self._is_silent = self._silent_sessions >= _SILENT_SESSIONS

    async def next(self, now_ms):
        """The frame to send now, or None. It is not sent before sent() is called."""
        try:
            return None if self._is_dead else await self._next(now_ms)
        # What no alarm needs must not end the session, nor the task of the link.
        except Exception as error:  # noqa: BLE001
            self._log.failure("motion.failed", error)
            self._is_dead = True

    async def _next(self, now_ms):
        while self._answers:
            self._take(self._answers.pop(0))
        self._note_received(now_ms)
        if self._is_silent or not self._may_send(now_ms):
            return None
        if self._waiting is None or self._wanted or self._over:
            await self._announced(self._mark)
            return None
        if self._key is None:
            if self._waiting and self._may_begin(now_ms):
                await self._announced(self._begin)
            return None
        if self._asked_ms is not None:
            if 0 <= ticks_diff(now_ms, self._asked_ms) < _ANSWER_MS << self._tries:
                return None
            self._tries += 1
            self._asked_ms = None
            if self._tries >= _TRIES:
                self._go_silent()
                return None
        return self._frame()

    def sent(self, now_ms):
        """What next() gave is on its way."""
        self._asked_ms = now_ms
        self._left -= 1

    def heard(self, frame):
        """The receiver says what it has of a window; next() takes it in."""
        if len(self._answers) < _MOST_ANSWERS:
            self._answers.append(frame)

    def _take(self, frame):
        try:
            kept = motion_piece.decode_kept(frame, self._who.hmac_key, self._who.badge)
        except WireError as error:
            self._log.failure("link.refused", error)
            return
        if (kept.boot, kept.seq) != self._key:
            return
        self._silent_sessions = 0
        self._tries = 0
        if kept.state in (DONE, REFUSED):
            self._end("motion.uploaded" if kept.state == DONE else "motion.not_taken")
        elif kept.next != self._offset and kept.next < self._total:
            # An answer that came twice must not have two pieces in flight from then on.
            self._offset = kept.next
            self._asked_ms = None

    def _may_send(self, now_ms):
        if self._gate.is_pressed() or not self._may_use() or self._waits(now_ms):
            return False
        return not any(alarm.state == life.PRE_ALARM for alarm in self._alarms())

    def _note_received(self, now_ms):
        known, self._known = self._known, []
        for alarm in self._alarms():
            if alarm.kind in KINDS and alarm.state in _HEARD:
                key = alarm.boot, alarm.seq
                self._known.append(key)
                if key not in known:
                    self._wanted[key] = now_ms

    def _mark(self):
        if self._waiting is None:
            self._waiting = self._marks.waiting()
        for key in list(self._wanted):
            if key not in self._waiting and self._marks.has(key):
                self._marks.mark(key)
                self._waiting.append(key)
            since_ms = ticks_diff(ticks_ms(), self._wanted[key])
            if key in self._waiting or not 0 <= since_ms < _STORED_MS:
                del self._wanted[key]
        while self._over:
            self._marks.clear(self._over[0])
            self._over.pop(0)

    def _may_begin(self, now_ms):
        begun = [at for at in self._begun_ms if 0 <= ticks_diff(now_ms, at) < _DAY_MS]
        self._begun_ms = begun
        lately = [at for at in begun if ticks_diff(now_ms, at) < _HOUR_MS]
        return len(lately) < _MOST_AN_HOUR and len(begun) < _MOST_A_DAY

    def _begin(self):
        key = self._waiting[0]
        size = self._marks.size(key)
        if size is None or size > motion_piece.TOTAL_MAX:
            self._over.append(self._waiting.pop(0))
            self._log.event("motion.not_sent", boot=key[0], seq=key[1], code="motion.damaged")
            return
        self._begun_ms.append(ticks_ms())
        self._key, self._total, self._offset = key, size, 0
        pieces = size // motion_piece.room(self._who.badge) + 1
        self._left = _MOST_TIMES * pieces + _SPARE_PIECES
        self._asked_ms, self._tries = None, 0
        self._log.event("motion.sending", boot=key[0], seq=key[1], bytes=size)

    def _frame(self):
        if self._left <= 0:
            self._end("motion.not_taken")
            return None
        boot, seq = self._key
        badge = self._who.badge
        try:
            data = self._marks.read(self._key, self._offset, motion_piece.room(badge))
        except OSError:
            data = b""
        if not data:
            # A newer alarm's window has taken its place.
            self._end("motion.not_sent")
            return None
        piece = Piece(badge, boot, seq, self._offset, self._total, data)
        return motion_piece.encode_piece(self._who.hmac_key, piece)

    def _go_silent(self):
        self._is_silent = True
        self._silent_sessions += 1
        boot, seq = self._key
        self._log.event("motion.unanswered", boot=boot, seq=seq, at=self._offset)

    def _end(self, what):
        boot, seq = self._key
        self._log.event(what, boot=boot, seq=seq)
        self._waiting.remove(self._key)
        self._over.append(self._key)
        self._key = None

    async def _announced(self, work):
        await self._gate.wait_open()
        self._gate.begin()
        try:
            work()
        except OSError as error:
            self._log.failure("motion.failed", error)
            # Not again each second: what is marked is found after the next start.
            self._waiting = self._waiting or []
            self._wanted.clear()
            self._over.clear()
        self._gate.end()
