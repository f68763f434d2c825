"""The open alarms of one badge: numbering, room for the next squeeze, resuming after a reset."""

from badge.core import alarm as life
from badge.core.alarm import Alarm, Refused
from badge.core.journal import REC_ALARM

MAX_OPEN = 8
# Automatic alarms leave these places to squeezes.
SOS_RESERVE = 2

_EVENT_OF_STATUS = (life.EV_RECEIPT, life.EV_TAKEN, life.EV_HELP_COMING, life.EV_CLOSE)


class AlarmBook:
    """Up to MAX_OPEN open alarms in `alarms`, oldest first; none is let go before delivery."""

    def __init__(self, boot):
        self.alarms = []
        self._boot = boot
        self._next_seq = 1

    def squeeze(self, now_ms, utc_s=None):
        """Return (alarm, actions) of an SOS squeeze; it is never refused.

        A squeeze in a pre-alarm turns that into the SOS. When every place is taken by alarms that
        are not delivered, it repeats the newest SOS instead of opening another.
        """
        alarm = self.pre_alarm()
        if alarm is None and not self._make_room(MAX_OPEN):
            alarm = self._newest_undelivered_sos()
        if alarm is None:
            alarm = self._open(life.KIND_SOS, now_ms, utc_s)
        return alarm, self.handle(alarm, life.EV_SOS, now_ms)

    def condition(self, kind, now_ms, utc_s=None, peak_mg=None, tilt_deg=None):
        """Return (alarm, actions) of an automatic condition; Refused when it adds nothing."""
        if self.pre_alarm() is not None:
            raise Refused("CONDITION: a pre-alarm is already running")
        if not self._make_room(MAX_OPEN - SOS_RESERVE):
            raise Refused("CONDITION: %d alarms already wait for delivery" % len(self.alarms))
        alarm = self._open(kind, now_ms, utc_s)
        alarm.peak_mg = peak_mg
        alarm.tilt_deg = tilt_deg
        return alarm, self.handle(alarm, life.EV_CONDITION, now_ms)

    def handle(self, alarm, event, now_ms):
        """Give one alarm an event, take it out of the book when it is over, return the actions."""
        actions = alarm.handle(event, now_ms)
        if life.FORGET in actions:
            self.alarms.remove(alarm)
        return actions

    def on_status(self, status, now_ms):
        """Return (alarm, actions) of a wire Status; (None, ()) for an alarm not in the book."""
        alarm = self.find(status.boot, status.seq)
        if alarm is None:
            return None, ()
        return alarm, self.handle(alarm, _EVENT_OF_STATUS[status.state - 1], now_ms)

    def resume(self, records, now_ms):
        """Take over the alarms of `records` after a reset; return [(alarm, actions), ...]."""
        found = [life.unpack(boot, seq, payload, now_ms) for _, boot, seq, payload in records]
        delivered = [alarm for alarm in found if alarm.is_delivered()]
        room = max(0, MAX_OPEN - (len(found) - len(delivered)))
        let_go = delivered[: max(0, len(delivered) - room)]
        self.alarms = [alarm for alarm in found if alarm not in let_go] + self.alarms
        return [
            (alarm, self.handle(alarm, life.EV_RESUME, now_ms))
            for alarm in found
            if alarm not in let_go
        ]

    def pre_alarm(self):
        """Return the alarm in its pre-alarm, or None."""
        for alarm in self.alarms:
            if alarm.state == life.PRE_ALARM:
                return alarm
        return None

    def find(self, boot, seq):
        """Return the open alarm with this key, or None."""
        for alarm in self.alarms:
            if alarm.boot == boot and alarm.seq == seq:
                return alarm
        return None

    def _open(self, kind, now_ms, utc_s):
        alarm = Alarm(kind, self._boot, self._next_seq, now_ms, utc_s)
        self._next_seq += 1
        self.alarms.append(alarm)
        return alarm

    def _make_room(self, places):
        delivered = [alarm for alarm in self.alarms if alarm.is_delivered()]
        while len(self.alarms) >= places and delivered:
            self.alarms.remove(delivered.pop(0))
        return len(self.alarms) < places

    def _newest_undelivered_sos(self):
        for alarm in reversed(self.alarms):
            if alarm.kind == life.KIND_SOS and alarm.is_due_for_sending():
                return alarm
        return None


def worth_keeping(records):
    """Return, of journal records oldest first, the last one of each alarm that is to be resumed.

    These are all alarms not delivered and the newest MAX_OPEN delivered ones that are still open.
    """
    last = {}
    order = []
    for record in records:
        key = record[1:3]
        if record[0] != REC_ALARM or life.state_of(record[3]) is None:
            continue
        if key not in last:
            order.append(key)
        last[key] = record
    kept = []
    delivered = 0
    for key in reversed(order):
        state = life.state_of(last[key][3])
        if state in (life.IDLE, life.CLOSED):
            continue
        if state >= life.RECEIVED:
            delivered += 1
            if delivered > MAX_OPEN:
                continue
        kept.append(last[key])
    kept.reverse()
    return kept
