"""One alarm as the badge keeps it: its key, its state, its clocks, and its journal record."""

import struct

from badge.core import ticks
from badge.core.alarm import kinds, life

# Version, kind, state, flags, utc_s (0 unknown), age_ms, peak_mg, tilt_deg.
_RECORD_1 = "<BBBBIIHB"
# The same, then due_ms, grace_s, rev, delivered_rev, battery_percent.
_RECORD_2 = "<BBBBIIHBIHIIB"
# The same, then watch_s: only of tests that have one, which releases before it leave alone.
_RECORD_3 = _RECORD_2 + "I"
# As 2, then the reason: only of faults.
_RECORD_4 = _RECORD_2 + "B"
# As 2, then the number of the last status heard: only where there was one with a number.
_RECORD_5 = _RECORD_2 + "I"
_REV_AT = struct.calcsize("<BBBBIIHBIH")
_FORMATS = {1: _RECORD_1, 2: _RECORD_2, 3: _RECORD_3, 4: _RECORD_4, 5: _RECORD_5}
_UNKNOWN_PEAK, _UNKNOWN_TILT, _UNKNOWN_BATTERY = 0xFFFF, 0xFF, 0xFF
_NOT_DUE = 0xFFFFFFFF
_AGE_MAX_MS = 0xFFFFFFFF

# What is true of an alarm beside its state. TEST: it is none. AGE_AT_LEAST: a reset stopped its
# clock for an unknown time, until UTC is known. DURESS: its wearer was forced. CALLED_FALSE: its
# wearer asked the centre to close it. NOT_DELIVERED: its wearer has been told so. BY_SMS: a test
# that goes by no other way.
TEST, AGE_AT_LEAST, DURESS, CALLED_FALSE, NOT_DELIVERED = 1, 2, 4, 8, 16
_ONLY_SMS = 32
BY_SMS = TEST | _ONLY_SMS
_STORED = TEST | AGE_AT_LEAST | DURESS | CALLED_FALSE
_ANSWERED = (life.RECEIVED, life.TAKEN, life.HELP_COMING)


class Alarm:
    """One alarm: its key (boot, seq), its state, and all that a message about it needs."""

    def __init__(self, kind, boot, seq, now_ms, utc_s=None, marks=0):
        self.kind = kind
        self.boot = boot
        self.seq = seq
        self.state = life.IDLE
        self.utc_s = utc_s
        self.peak_mg = None
        self.tilt_deg = None
        self.battery_percent = None
        # A set of TEST, AGE_AT_LEAST and so on: see `has`, `mark` and `unmark`.
        self.marks = marks
        # What the receiver has to learn of it is counted, and what it has confirmed.
        self.rev = 0
        self.delivered_rev = 0
        # The highest number of a status that was heard of it, 0 before there was one.
        self.heard = 0
        # Of a deadline: from when it was set until it is due; then so long a pre-alarm.
        self.due_ms = None
        self.grace_s = 0
        # Of a test: for how long the receiver is to watch this badge.
        self.watch_s = None
        # Of a fault of the badge: its number in core/wearer/reasons.py.
        self.reason = None
        # (state, rev) of the last record in the journal.
        self.stored_as = None
        # (rev, serial of Whereabouts) of the first message of that rev.
        self._place = (0, 0)
        # The chip may have died before it was felt: the next answer that says the same is felt.
        self.is_unfelt = False
        self.tries = 0
        self.waiting_since_ms = now_ms
        self.retry_at_ms = now_ms
        # Since the squeeze or the condition; of a deadline since it was set.
        self._age_ms = 0
        self._age_at_ms = now_ms

    def has(self, mark):
        """Whether TEST, DURESS or another mark is set."""
        return self.marks & mark != 0

    def mark(self, mark):
        """Set a mark."""
        self.marks |= mark

    def unmark(self, mark):
        """Take a mark away."""
        self.marks &= ~mark

    def handle(self, event, now_ms):
        """Move through the table and return the actions, or raise Refused and stay as it was."""
        before = self.state
        after, actions = self.check(event)
        self.state = after
        self.age_ms(now_ms)
        self._restart_clock(before)
        if event == life.EV_SOS:
            self.kind = kinds.SOS
        elif event == life.EV_DURESS:
            self.mark(DURESS)
        if event in (life.EV_FALSE_ALARM, life.EV_DURESS) and after in life.RED_STATES:
            self.mark(CALLED_FALSE)
        if life.NEWS in actions:
            self.rev += 1
        elif event in life.ANSWERS:
            self.delivered_rev = self.rev
        self._note_delivery(event, actions, now_ms)
        if self.is_unfelt and event in life.ANSWERS:
            self.is_unfelt = False
            if after == before and after in life.FEELS:
                actions += (life.FEELS[after],)
        if self.has(CALLED_FALSE) and event in life.ANSWERS:
            # Forced or not: whoever made the wearer say so may be holding the badge.
            actions = tuple([action for action in actions if not action.startswith("FEEL_")])
        return actions

    def check(self, event):
        """Return (next state, actions) that an event would have, or raise Refused."""
        state = self.state
        found = life.step(state, event)
        if state == life.PRE_ALARM:
            is_deadline = self.due_ms is not None
            if event == life.EV_CLEAR and is_deadline:
                raise life.refusal(state, event, "a deadline has no cause that goes away")
            if event in (life.EV_END, life.EV_EXTEND) and not is_deadline:
                raise life.refusal(state, event, "this is no deadline; it can be cancelled")
            if not self.rev and (event in life.ANSWERS or event == life.EV_SENT):
                raise life.refusal(state, event, "nothing was sent of this pre-alarm")
        return found

    def _restart_clock(self, before):
        after = self.state
        if after in life.RED_STATES:
            self.due_ms = None
        if before == life.WAITING and (after == life.PRE_ALARM or after in life.RED_STATES):
            # The alarm begins now, not when the deadline was set; the keeper tells it the UTC.
            self._begin()
            if after == life.PRE_ALARM:
                self.due_ms = 0

    def _begin(self):
        self.utc_s = None
        self._age_ms = 0
        self.unmark(AGE_AT_LEAST)

    def _note_delivery(self, event, actions, now_ms):
        if event == life.EV_LATE:
            self.mark(NOT_DELIVERED)
        elif event == life.EV_RESUME or life.NEWS in actions or self.is_delivered():
            self.unmark(NOT_DELIVERED)
        if event == life.EV_RESUME or life.NEWS in actions:
            self.waiting_since_ms = now_ms
            self.tries = 0
        if life.SEND in actions:
            self.retry_at_ms = now_ms

    def set_due(self, due_s, now_ms):
        """Make this a deadline that comes due in `due_s` seconds; its age begins anew."""
        self.age_ms(now_ms)
        self._begin()
        self.due_ms = due_s * 1000

    def due_in_ms(self, now_ms):
        """Return the time until a deadline comes due, 0 when it is over, None without one.

        After a reset this is the longest it can be, until UTC is known again.
        """
        if self.due_ms is None:
            return None
        return max(0, self.due_ms - self.age_ms(now_ms))

    def told_due_s(self, now_ms):
        """Return the field due_s of a message: the time until silence is an alarm, or None."""
        if self.due_ms is None:
            return None
        if self.state == life.WITHDRAWN:
            return 0
        left_ms = self.due_ms + self.grace_s * 1000 - self.age_ms(now_ms)
        return max(1, (left_ms + 999) // 1000)

    def told_watch_s(self, now_ms):
        """Return the field watch_s of a message: what is left of the shift, or None."""
        if self.watch_s is None:
            return None
        return max(0, (self.watch_s * 1000 - self.age_ms(now_ms) + 999) // 1000)

    def is_open(self):
        """True until the alarm was let go in its pre-alarm, or closed."""
        return self.state not in (life.IDLE, life.CLOSED)

    def is_technical(self):
        """True for a report that no person makes: of neither an alarm nor a shift that begins."""
        return self.state == life.REPORT and not self.has(TEST)

    def is_red(self):
        """True for an alarm that was raised and that only the centre closes."""
        return self.state in life.RED_STATES

    def is_late(self):
        """True while the wearer knows that it has not been delivered."""
        return self.has(NOT_DELIVERED)

    def is_delivered(self):
        """True once the receiver has confirmed all there is to know of this alarm."""
        return 0 < self.rev <= self.delivered_rev

    def note_place(self, serial):
        """A message says now where the badge is, as of that serial of Whereabouts."""
        if self._place[0] != self.rev:
            self._place = (self.rev, serial)

    def lacks_place(self, serial):
        """Whether what was delivered of a raised alarm is older than this serial."""
        return self.is_red() and self.is_delivered() and self._place[1] != serial

    def move(self, now_ms):
        """It has to tell where the badge is now: one more rev, in the state that it has."""
        self.rev += 1
        self.waiting_since_ms = self.retry_at_ms = now_ms
        self.tries = 0

    def is_due_for_sending(self):
        """True while there is something that the receiver has not confirmed, for every way."""
        return self.delivered_rev < self.rev and self.is_open() and not self.has(_ONLY_SMS)

    def age_ms(self, now_ms):
        """Return the age; to be asked at least every six days, because ticks wrap."""
        passed_ms = max(0, ticks.diff(now_ms, self._age_at_ms))
        self._age_ms = min(self._age_ms + passed_ms, _AGE_MAX_MS)
        self._age_at_ms = now_ms
        return self._age_ms

    def learn_utc(self, utc_now_s, now_ms):
        """Tell the alarm the true time: it dates itself, or gets its age back after a reset."""
        age_ms = self.age_ms(now_ms)
        if self.utc_s is None:
            if not self.has(AGE_AT_LEAST) and utc_now_s > age_ms // 1000:
                self.utc_s = utc_now_s - age_ms // 1000
        elif self.has(AGE_AT_LEAST) and utc_now_s >= self.utc_s:
            self._age_ms = min(max(age_ms, (utc_now_s - self.utc_s) * 1000), _AGE_MAX_MS)
            self.unmark(AGE_AT_LEAST)

    def pack(self, now_ms):
        """Return the journal payload from which `unpack` makes this alarm again."""
        fields = (
            self.kind,
            self.state,
            self.marks & _STORED,
            self.utc_s or 0,
            self.age_ms(now_ms),
            _UNKNOWN_PEAK if self.peak_mg is None else min(self.peak_mg, _UNKNOWN_PEAK - 1),
            _UNKNOWN_TILT if self.tilt_deg is None else self.tilt_deg,
            _NOT_DUE if self.due_ms is None else self.due_ms,
            self.grace_s,
            self.rev,
            self.delivered_rev,
            _UNKNOWN_BATTERY if self.battery_percent is None else self.battery_percent,
        )
        if self.reason is not None:
            return struct.pack(_RECORD_4, 4, *fields, self.reason)
        if self.watch_s is not None:
            return struct.pack(_RECORD_3, 3, *fields, self.watch_s)
        if self.heard:
            return struct.pack(_RECORD_5, 5, *fields, self.heard)
        return struct.pack(_RECORD_2, 2, *fields)

    def restore(self, state, age_ms):
        """Go on from a record; how long ago that was written is not known."""
        self.state = state
        self._age_ms = age_ms
        self.mark(AGE_AT_LEAST)


def unpack(boot, seq, payload, now_ms):
    """Return the Alarm of a journal record after a reset; ValueError when it is not one."""
    if state_of(payload) is None:
        raise ValueError("no alarm record in these %d bytes" % len(payload))
    fields = struct.unpack(_FORMATS[payload[0]], payload)
    _, kind, state, marks, utc_s, age_ms, peak_mg, tilt_deg = fields[:8]
    alarm = Alarm(kind, boot, seq, now_ms, utc_s or None, marks & _STORED)
    alarm.restore(state, age_ms)
    alarm.peak_mg = None if peak_mg == _UNKNOWN_PEAK else peak_mg
    alarm.tilt_deg = None if tilt_deg == _UNKNOWN_TILT else tilt_deg
    if payload[0] == 1:
        alarm.rev = 1 if state in life.RED_STATES else 0
        alarm.delivered_rev = 1 if state in _ANSWERED else 0
        return alarm
    due_ms, grace_s, rev, delivered_rev, battery_percent = fields[8:13]
    alarm.due_ms = None if due_ms == _NOT_DUE else due_ms
    alarm.grace_s = grace_s
    alarm.rev = rev
    alarm.delivered_rev = delivered_rev
    alarm.battery_percent = None if battery_percent == _UNKNOWN_BATTERY else battery_percent
    alarm.watch_s = fields[13] if payload[0] == 3 else None
    alarm.reason = fields[13] if payload[0] == 4 else None
    alarm.heard = fields[13] if payload[0] == 5 else 0
    return alarm


def state_of(payload):
    """Return the state in a journal payload, or None when it is not an alarm record."""
    form = _FORMATS.get(payload[0]) if len(payload) > 2 else None
    if form is None or len(payload) != struct.calcsize(form):
        return None
    highest = life.CLOSED if payload[0] == 1 else life.REPORT
    return payload[2] if payload[2] <= highest else None


def is_settled(payload):
    """True for the record of an alarm that the receiver has answered and knows all about."""
    if state_of(payload) not in _ANSWERED:
        return False
    if payload[0] == 1:
        return True
    rev, delivered_rev = struct.unpack_from("<II", payload, _REV_AT)
    return delivered_rev >= rev
