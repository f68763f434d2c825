"""The open alarms of one badge: numbering, room for the next squeeze, resuming after a reset."""

from badge.core.alarm import kinds, life
from badge.core.alarm.life import Refused
from badge.core.alarm.record import (
    CALLED_FALSE,
    DURESS,
    TEST,
    Alarm,
    is_settled,
    state_of,
    unpack,
)
from badge.core.codec import wire
from badge.core.codec.journal import REC_ALARM

MAX_OPEN = 8
# Automatic alarms and deadlines leave these places to squeezes.
SOS_RESERVE = 2
_SAME_EVENT_MS = 600_000
_NOT_TAKEN = (life.PRE_ALARM, life.RAISED, life.SENT, life.RECEIVED)
_NEVER = 5
_ANSWERED = (life.RECEIVED, life.TAKEN, life.HELP_COMING)
# What a gesture means depends on these (core/wearer/gesture_map.py).
QUIET, IN_PRE_ALARM, CHECK_IN_DUE = "QUIET", "PRE_ALARM", "CHECK_IN_DUE"
AMBER_RUNNING, ALARM_OPEN = "AMBER_RUNNING", "ALARM_OPEN"


class AlarmBook:
    """Up to MAX_OPEN open alarms; one that was raised is kept until it is delivered."""

    def __init__(self, boot):
        # The open ones, oldest first.
        self.alarms = []
        # Those that gave their place to a new one, closed; their end is still to be stored.
        self.let_go = []
        self._boot = boot
        self._next_seq = 1

    def squeeze(self, now_ms, utc_s=None):
        """Return (alarm, actions) of an SOS squeeze; it is never refused.

        A squeeze in a pre-alarm, or while an amber waits, turns that into the SOS. When every
        place is taken by alarms that are not delivered, it repeats the newest SOS.
        """
        alarm = self._turns_red()
        if alarm is None and not self._make_room(MAX_OPEN):
            alarm = self._newest_undelivered_sos()
        if alarm is None:
            alarm = self._open(kinds.SOS, now_ms, utc_s)
        return alarm, self.handle(alarm, life.EV_SOS, now_ms)

    def condition(self, kind, now_ms, utc_s=None, peak_mg=None, tilt_deg=None):
        """Return (alarm, actions) of an automatic condition; Refused when it adds nothing."""
        known = self._same_event(kind, now_ms)
        if known is not None:
            raise Refused("CONDITION: alarm %d/%d is the same event" % (known.boot, known.seq))
        self._need_room("CONDITION")
        alarm = self._open(kind, now_ms, utc_s)
        alarm.peak_mg = peak_mg
        alarm.tilt_deg = tilt_deg
        event = life.EV_AT_ONCE if kinds.of(kind).begins == kinds.AT_ONCE else life.EV_CONDITION
        return alarm, self.handle(alarm, event, now_ms)

    def deadline(self, kind, due_s, now_ms, utc_s=None, grace_s=0):
        """Return (alarm, actions) of a new deadline; Refused while one of this kind runs."""
        running = self.in_state(life.WAITING, life.PRE_ALARM)
        if any(alarm.kind == kind and alarm.due_ms is not None for alarm in running):
            raise Refused("DEADLINE: one of kind %d is running; extend it" % kind)
        self._need_room("DEADLINE")
        alarm = self._open(kind, now_ms, utc_s)
        alarm.grace_s = grace_s
        alarm.set_due(due_s, now_ms)
        alarm.utc_s = utc_s
        return alarm, self.handle(alarm, life.EV_DEADLINE, now_ms)

    def extend(self, alarm, due_s, now_ms, duress=False):  # noqa: FBT002
        """Return the actions of giving a deadline `due_s` seconds from now."""
        actions = self.handle(alarm, life.EV_EXTEND, now_ms)
        if duress:
            alarm.mark(DURESS)
        alarm.set_due(due_s, now_ms)
        return actions

    def report(
        self,
        kind,
        now_ms,
        utc_s=None,
        *,
        battery_percent=None,
        mark=0,
        watch_s=None,
        reason=None,
    ):
        """Return (alarm, actions) of a technical message, or of a test (`mark`: TEST or BY_SMS).

        A receipt closes it.
        """
        self._need_room("REPORT")
        alarm = self._open(kind, now_ms, utc_s)
        alarm.mark(mark)
        alarm.battery_percent = battery_percent
        alarm.watch_s = watch_s
        alarm.reason = reason
        return alarm, self.handle(alarm, life.EV_REPORT, now_ms)

    def handle(self, alarm, event, now_ms):
        """Give one alarm an event, take it out of the book when it is over, return the actions."""
        actions = alarm.handle(event, now_ms)
        if life.FORGET in actions:
            self.alarms.remove(alarm)
        return actions

    def on_status(self, status, now_ms):
        """Return (alarm, actions) of a wire Status; (None, ()) for an alarm not in the book.

        (alarm, None) for one that was heard before, as in the answer to a hello.

        What the receiver says of an older `rev` says nothing of the news under way. A status under
        a lower number than one heard before is old, as in a replay; a receipt always counts.
        """
        alarm = self.find(status.boot, status.seq)
        if alarm is None:
            return None, ()
        rev = 1 if status.rev is None else status.rev
        if rev < alarm.rev:
            alarm.delivered_rev = max(alarm.delivered_rev, rev)
            return alarm, ()
        number = status.number or 0
        if number and number == alarm.heard and alarm.is_delivered() and not alarm.is_unfelt:
            return alarm, None
        if number < alarm.heard and status.state != wire.STATUS_RECEIVED:
            raise Refused("STATUS %d: %d is older than %d" % (status.state, number, alarm.heard))
        actions = self.handle(alarm, life.ANSWERS[status.state - 1], now_ms)
        # Only what was taken counts as heard: the rest is to be told again.
        alarm.heard = max(alarm.heard, number)
        return alarm, actions

    def resume(self, records, now_ms):
        """Take over the alarms of `records` after a reset; return [(alarm, actions), ...]."""
        found = [unpack(one.boot, one.seq, one.payload, now_ms) for one in records]
        self.alarms = found + self.alarms
        self._make_room(MAX_OPEN + 1)
        return [
            (alarm, self.handle(alarm, life.EV_RESUME, now_ms))
            for alarm in found
            if alarm not in self.let_go
        ]

    def in_state(self, *states):
        """Return the open alarms in these states, oldest first."""
        return [alarm for alarm in self.alarms if alarm.state in states]

    def find(self, boot, seq):
        """Return the open alarm with this key, or None."""
        for alarm in self.alarms:
            if alarm.boot == boot and alarm.seq == seq:
                return alarm
        return None

    def context(self):
        """Return what a gesture is about now: one of the five contexts of the gesture map."""
        pre_alarms = self.in_state(life.PRE_ALARM)
        if any(alarm.due_ms is None for alarm in pre_alarms):
            return IN_PRE_ALARM
        if pre_alarms:
            return CHECK_IN_DUE
        red = [alarm for alarm in self.alarms if alarm.is_red()]
        is_amber = any(alarm.kind == kinds.AMBER for alarm in self.in_state(life.WAITING))
        # Once every alarm is called false, an amber that still runs can be ended too.
        if red and not (is_amber and all(alarm.has(CALLED_FALSE) for alarm in red)):
            return ALARM_OPEN
        return AMBER_RUNNING if is_amber else QUIET

    def _turns_red(self):
        """The entry that a squeeze turns into the SOS: one incident, not two."""
        pre_alarms = self.in_state(life.PRE_ALARM)
        for alarm in pre_alarms:
            if alarm.due_ms is None:
                return alarm
        for alarm in self.in_state(life.WAITING):
            if alarm.kind == kinds.AMBER:
                return alarm
        return pre_alarms[0] if pre_alarms else None

    def _same_event(self, kind, now_ms):
        """The alarm that a condition belongs to, when whoever asks cannot know of it."""
        for alarm in self.in_state(*_NOT_TAKEN):
            if alarm.kind != kind and not _is_one_body(alarm.kind, kind):
                continue
            if alarm.state == life.PRE_ALARM:
                return alarm
            # Raised before the reset; the wearer may still lie there.
            is_recent = alarm.age_ms(now_ms) < _SAME_EVENT_MS
            if alarm.boot != self._boot and is_recent and not alarm.has(CALLED_FALSE):
                return alarm
        return None

    def _open(self, kind, now_ms, utc_s):
        alarm = Alarm(kind, self._boot, self._next_seq, now_ms, utc_s)
        self._next_seq += 1
        self.alarms.append(alarm)
        return alarm

    def _need_room(self, what):
        if not self._make_room(MAX_OPEN - SOS_RESERVE):
            raise Refused("%s: %d alarms already wait for delivery" % (what, len(self.alarms)))

    def _make_room(self, places):
        while len(self.alarms) >= places:
            gives_way = min(self.alarms, key=_worth)
            if _worth(gives_way) >= _NEVER:
                return False
            self.alarms.remove(gives_way)
            gives_way.state = life.CLOSED
            self.let_go.append(gives_way)
        return True

    def _newest_undelivered_sos(self):
        for alarm in reversed(self.alarms):
            is_sos = alarm.kind == kinds.SOS and alarm.state in (life.RAISED, life.SENT)
            if is_sos and not alarm.has(CALLED_FALSE):
                return alarm
        return None


def _is_one_body(kind, other):
    return kind in kinds.OF_ONE_BODY and other in kinds.OF_ONE_BODY


def _worth(alarm):
    """Rank the alarms by what would be lost without them; the least gives way first."""
    if alarm.has(TEST):
        return 0
    if alarm.has(DURESS) and not alarm.is_delivered():
        return _NEVER
    if alarm.state in _ANSWERED:
        return 1 if alarm.is_delivered() else 2
    if alarm.state == life.WITHDRAWN:
        return 3
    if alarm.state == life.REPORT:
        return 4
    return _NEVER


def worth_keeping(records):
    """Return, of journal records oldest first, the last one of each alarm that is to be resumed.

    These are all alarms with something to tell and the newest MAX_OPEN of the others that are
    still open.
    """
    last = {}
    order = []
    for record in records:
        key = (record.boot, record.seq)
        if record.type != REC_ALARM or state_of(record.payload) is None:
            continue
        if key not in last:
            order.append(key)
        last[key] = record
    kept = []
    delivered = 0
    for key in reversed(order):
        payload = last[key].payload
        if state_of(payload) in (life.IDLE, life.CLOSED):
            continue
        if is_settled(payload):
            delivered += 1
            if delivered > MAX_OPEN:
                continue
        kept.append(last[key])
    kept.reverse()
    return kept
