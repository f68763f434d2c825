"""The life of an alarm: one table of states and events, and the record that goes through it."""

import struct

from badge.core import ticks

IDLE, PRE_ALARM, RAISED, SENT, RECEIVED, TAKEN, HELP_COMING, CLOSED = range(8)
STATE_NAMES = (
    "IDLE",
    "PRE_ALARM",
    "RAISED",
    "SENT",
    "RECEIVED",
    "TAKEN",
    "HELP_COMING",
    "CLOSED",
)

EV_CONDITION, EV_SOS, EV_CLEAR, EV_CANCEL, EV_PRE_ALARM_OVER, EV_SENT = range(6)
EV_RECEIPT, EV_TAKEN, EV_HELP_COMING, EV_CLOSE, EV_LATE, EV_RESUME = range(6, 12)
EVENT_NAMES = (
    "CONDITION",
    "SOS",
    "CLEAR",
    "CANCEL",
    "PRE_ALARM_OVER",
    "SENT",
    "RECEIPT",
    "TAKEN",
    "HELP_COMING",
    "CLOSE",
    "LATE",
    "RESUME",
)

KIND_SOS, KIND_MAN_DOWN = 1, 2

# What the badge has to do, in this order. STORE comes before SEND: durable first.
STORE = "STORE"
SEND = "SEND"
FORGET = "FORGET"
START_PRE_ALARM = "START_PRE_ALARM"
STOP_PRE_ALARM = "STOP_PRE_ALARM"
FEEL_PRE_ALARM = "FEEL_PRE_ALARM"
FEEL_RAISED = "FEEL_RAISED"
FEEL_RECEIVED = "FEEL_RECEIVED"
FEEL_TAKEN = "FEEL_TAKEN"
FEEL_HELP_COMING = "FEEL_HELP_COMING"
FEEL_NOT_DELIVERED = "FEEL_NOT_DELIVERED"

_RAISE = (STORE, FEEL_RAISED, SEND)
_RAISE_EARLY = (STORE, STOP_PRE_ALARM, FEEL_RAISED, SEND)
_UNDO = (STORE, STOP_PRE_ALARM, FORGET)
_RECEIPT = (RECEIVED, (STORE, FEEL_RECEIVED))
_TAKE = (TAKEN, (STORE, FEEL_TAKEN))
_HELP = (HELP_COMING, (STORE, FEEL_HELP_COMING))
_CLOSE = (CLOSED, (STORE, FORGET))

# (state, event) -> (next state, actions). What is not here is refused, with a reason of _WHY_NOT.
TABLE = {
    (IDLE, EV_CONDITION): (PRE_ALARM, (STORE, START_PRE_ALARM, FEEL_PRE_ALARM)),
    (IDLE, EV_SOS): (RAISED, _RAISE),
    (PRE_ALARM, EV_CLEAR): (IDLE, _UNDO),
    (PRE_ALARM, EV_CANCEL): (IDLE, _UNDO),
    (PRE_ALARM, EV_SOS): (RAISED, _RAISE_EARLY),
    (PRE_ALARM, EV_PRE_ALARM_OVER): (RAISED, _RAISE_EARLY),
    # Nobody can say how much of the pre-alarm was left, and the fall may have caused the reset.
    (PRE_ALARM, EV_RESUME): (RAISED, _RAISE),
    (RAISED, EV_SENT): (SENT, ()),
    (RAISED, EV_SOS): (RAISED, (FEEL_RAISED, SEND)),
    (RAISED, EV_LATE): (RAISED, (FEEL_NOT_DELIVERED,)),
    (RAISED, EV_RECEIPT): _RECEIPT,
    (RAISED, EV_TAKEN): _TAKE,
    (RAISED, EV_HELP_COMING): _HELP,
    (RAISED, EV_CLOSE): _CLOSE,
    (RAISED, EV_RESUME): (RAISED, (SEND,)),
    (SENT, EV_SENT): (SENT, ()),
    (SENT, EV_SOS): (RAISED, (FEEL_RAISED, SEND)),
    (SENT, EV_LATE): (SENT, (FEEL_NOT_DELIVERED,)),
    (SENT, EV_RECEIPT): _RECEIPT,
    (SENT, EV_TAKEN): _TAKE,
    (SENT, EV_HELP_COMING): _HELP,
    (SENT, EV_CLOSE): _CLOSE,
    (SENT, EV_RESUME): (RAISED, (SEND,)),
    # A broker may acknowledge after the receipt, and the receiver answers every copy.
    (RECEIVED, EV_SENT): (RECEIVED, ()),
    (RECEIVED, EV_RECEIPT): (RECEIVED, ()),
    (RECEIVED, EV_TAKEN): _TAKE,
    (RECEIVED, EV_HELP_COMING): _HELP,
    (RECEIVED, EV_CLOSE): _CLOSE,
    (RECEIVED, EV_RESUME): (RECEIVED, ()),
    (TAKEN, EV_SENT): (TAKEN, ()),
    (TAKEN, EV_RECEIPT): (TAKEN, ()),
    (TAKEN, EV_TAKEN): (TAKEN, ()),
    (TAKEN, EV_HELP_COMING): _HELP,
    (TAKEN, EV_CLOSE): _CLOSE,
    (TAKEN, EV_RESUME): (TAKEN, ()),
    (HELP_COMING, EV_SENT): (HELP_COMING, ()),
    (HELP_COMING, EV_RECEIPT): (HELP_COMING, ()),
    (HELP_COMING, EV_TAKEN): (HELP_COMING, ()),
    (HELP_COMING, EV_HELP_COMING): (HELP_COMING, ()),
    (HELP_COMING, EV_CLOSE): _CLOSE,
    (HELP_COMING, EV_RESUME): (HELP_COMING, ()),
}

_WHY_NOT = (
    "this alarm is already open",
    "a squeeze now is an alarm of its own",
    "only a pre-alarm ends by itself",
    "only a pre-alarm can be cancelled; the alarm centre closes an alarm that was raised",
    "no pre-alarm is running",
    "nothing was raised, so nothing can have been sent",
    "nothing was raised, so nothing can have been received",
    "nothing was raised, so nobody can have taken it",
    "nothing was raised, so nobody can be coming",
    "nothing was raised, so nothing can be closed",
    "no delivery is being waited for",
    "nothing is open to resume",
)


class Refused(Exception):
    """The table has no place for this event in this state; `code` is alarm.refused."""

    code = "alarm.refused"


def step(state, event):
    """Return (next state, actions) of the table, or raise Refused with the reason."""
    found = TABLE.get((state, event))
    if found is None:
        why = "the alarm is closed" if state == CLOSED else _WHY_NOT[event]
        raise Refused("%s in %s: %s" % (EVENT_NAMES[event], STATE_NAMES[state], why))
    return found


# Version, kind, state, flags, utc_s (0 unknown), age_ms, peak_mg, tilt_deg.
_RECORD = "<BBBBIIHB"
_VERSION = 1
_UNKNOWN_PEAK, _UNKNOWN_TILT = 0xFFFF, 0xFF
_AGE_MAX_MS = 0xFFFFFFFF
_FLAG_TEST, _FLAG_AGE_AT_LEAST = 1, 2


class Alarm:
    """One alarm: its key (boot, seq), its state, and all that a message about it needs.

    `age_ms` counts from the squeeze or the condition. A reset stops that clock for an unknown
    time: `age_at_least` then says that the age is a lower bound, until UTC is known again.
    """

    def __init__(self, kind, boot, seq, now_ms, utc_s=None, is_test=False):  # noqa: FBT002
        self.kind = kind
        self.boot = boot
        self.seq = seq
        self.state = IDLE
        self.utc_s = utc_s
        self.peak_mg = None
        self.tilt_deg = None
        self.is_test = is_test
        self.not_delivered = False
        self.age_at_least = False
        self.tries = 0
        self.waiting_since_ms = now_ms
        self.retry_at_ms = now_ms
        self._age_ms = 0
        self._age_at_ms = now_ms

    def handle(self, event, now_ms):
        """Move through the table and return the actions, or raise Refused and stay as it was."""
        before = self.state
        self.state, actions = step(before, event)
        self.age_ms(now_ms)
        if event == EV_LATE:
            self.not_delivered = True
        elif event == EV_RESUME or self.is_delivered():
            self.not_delivered = False
        if event == EV_SOS:
            self.kind = KIND_SOS
        if before < RAISED or event == EV_RESUME:
            self.waiting_since_ms = now_ms
        if SEND in actions:
            self.retry_at_ms = now_ms
        return actions

    def is_open(self):
        """True until the alarm was cancelled in its pre-alarm or closed by the centre."""
        return self.state not in (IDLE, CLOSED)

    def is_delivered(self):
        """True once the receiver has said that it has this alarm."""
        return self.state >= RECEIVED

    def is_due_for_sending(self):
        """True from the moment the alarm is raised until it is delivered."""
        return self.state in (RAISED, SENT)

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
            if not self.age_at_least and utc_now_s > age_ms // 1000:
                self.utc_s = utc_now_s - age_ms // 1000
        elif self.age_at_least and utc_now_s >= self.utc_s:
            self._age_ms = min(max(age_ms, (utc_now_s - self.utc_s) * 1000), _AGE_MAX_MS)
            self.age_at_least = False

    def resume_age(self, age_ms):
        """Go on from the age of a record; how long ago that was written is not known."""
        self._age_ms = age_ms
        self.age_at_least = True

    def pack(self, now_ms):
        """Return the journal payload from which `unpack` makes this alarm again."""
        flags = _FLAG_TEST if self.is_test else 0
        if self.age_at_least:
            flags |= _FLAG_AGE_AT_LEAST
        return struct.pack(
            _RECORD,
            _VERSION,
            self.kind,
            self.state,
            flags,
            self.utc_s or 0,
            self.age_ms(now_ms),
            _UNKNOWN_PEAK if self.peak_mg is None else min(self.peak_mg, _UNKNOWN_PEAK - 1),
            _UNKNOWN_TILT if self.tilt_deg is None else self.tilt_deg,
        )


def unpack(boot, seq, payload, now_ms):
    """Return the Alarm of a journal record after a reset; ValueError when it is not one."""
    if len(payload) != struct.calcsize(_RECORD):
        raise ValueError("alarm record has %d bytes" % len(payload))
    version, kind, state, flags, utc_s, age_ms, peak_mg, tilt_deg = struct.unpack(_RECORD, payload)
    if version != _VERSION or state > CLOSED:
        raise ValueError("alarm record of version %d, state %d" % (version, state))
    alarm = Alarm(kind, boot, seq, now_ms, utc_s or None, bool(flags & _FLAG_TEST))
    alarm.state = state
    alarm.peak_mg = None if peak_mg == _UNKNOWN_PEAK else peak_mg
    alarm.tilt_deg = None if tilt_deg == _UNKNOWN_TILT else tilt_deg
    alarm.resume_age(age_ms)
    return alarm


def state_of(payload):
    """Return the state in a journal payload, or None when it is not an alarm record."""
    if len(payload) != struct.calcsize(_RECORD) or payload[0] != _VERSION or payload[2] > CLOSED:
        return None
    return payload[2]
