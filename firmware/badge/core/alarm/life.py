"""The life of an alarm: one table of states and events."""

IDLE, PRE_ALARM, RAISED, SENT, RECEIVED, TAKEN, HELP_COMING, CLOSED = range(8)
WAITING, WITHDRAWN, REPORT = 8, 9, 10
STATE_NAMES = (
    "IDLE",
    "PRE_ALARM",
    "RAISED",
    "SENT",
    "RECEIVED",
    "TAKEN",
    "HELP_COMING",
    "CLOSED",
    "WAITING",
    "WITHDRAWN",
    "REPORT",
)
# Raised, and latched until the centre closes it.
RED_STATES = (RAISED, SENT, RECEIVED, TAKEN, HELP_COMING)

EV_CONDITION, EV_SOS, EV_CLEAR, EV_CANCEL, EV_PRE_ALARM_OVER, EV_SENT = range(6)
EV_RECEIPT, EV_TAKEN, EV_HELP_COMING, EV_CLOSE, EV_LATE, EV_RESUME = range(6, 12)
EV_DEADLINE, EV_EXTEND, EV_END, EV_EXPIRED, EV_FALSE_ALARM, EV_DURESS, EV_REPORT = range(12, 19)
# An automatic condition that has no pre-alarm.
EV_AT_ONCE = 19
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
    "DEADLINE",
    "EXTEND",
    "END",
    "EXPIRED",
    "FALSE_ALARM",
    "DURESS",
    "REPORT",
    "AT_ONCE",
)
# What only the receiver can say.
ANSWERS = (EV_RECEIPT, EV_TAKEN, EV_HELP_COMING, EV_CLOSE)

# What the badge has to do, in this order. NEWS: the receiver has to learn something new, so `rev`
# rises. STORE comes before SEND: durable first.
NEWS = "NEWS"
STORE = "STORE"
SEND = "SEND"
FORGET = "FORGET"
START_PRE_ALARM = "START_PRE_ALARM"
STOP_PRE_ALARM = "STOP_PRE_ALARM"
FEEL_PRE_ALARM = "FEEL_PRE_ALARM"
FEEL_CHECK_IN_DUE = "FEEL_CHECK_IN_DUE"
FEEL_RAISED = "FEEL_RAISED"
FEEL_RECEIVED = "FEEL_RECEIVED"
FEEL_TAKEN = "FEEL_TAKEN"
FEEL_HELP_COMING = "FEEL_HELP_COMING"
FEEL_NOT_DELIVERED = "FEEL_NOT_DELIVERED"

_TELL = (NEWS, STORE, SEND)
_RAISE = (NEWS, STORE, FEEL_RAISED, SEND)
_RAISE_EARLY = (NEWS, STORE, STOP_PRE_ALARM, FEEL_RAISED, SEND)
_UNDO = (STORE, STOP_PRE_ALARM, FORGET)
_WITHDRAW = (WITHDRAWN, (NEWS, STORE, STOP_PRE_ALARM, SEND))
_END = (WITHDRAWN, _TELL)
_RECEIPT = (RECEIVED, (STORE, FEEL_RECEIVED))
_TAKE = (TAKEN, (STORE, FEEL_TAKEN))
_HELP = (HELP_COMING, (STORE, FEEL_HELP_COMING))
_CLOSE = (CLOSED, (STORE, FORGET))

FEELS = {RECEIVED: FEEL_RECEIVED, TAKEN: FEEL_TAKEN, HELP_COMING: FEEL_HELP_COMING}

# (state, event) -> (next state, actions). What is not here is refused, with a reason of _WHY_NOT.
TABLE = {
    (IDLE, EV_CONDITION): (PRE_ALARM, (STORE, START_PRE_ALARM, FEEL_PRE_ALARM)),
    (IDLE, EV_SOS): (RAISED, _RAISE),
    # Who runs away must not have to stop for a pre-alarm.
    (IDLE, EV_AT_ONCE): (RAISED, _RAISE),
    (IDLE, EV_DEADLINE): (WAITING, _TELL),
    (IDLE, EV_REPORT): (REPORT, _TELL),
    (PRE_ALARM, EV_CLEAR): (IDLE, _UNDO),
    (PRE_ALARM, EV_CANCEL): _WITHDRAW,
    (PRE_ALARM, EV_DURESS): _WITHDRAW,
    (PRE_ALARM, EV_SOS): (RAISED, _RAISE_EARLY),
    (PRE_ALARM, EV_PRE_ALARM_OVER): (RAISED, _RAISE_EARLY),
    # Nobody can say how much of the pre-alarm was left, and the fall may have caused the reset.
    (PRE_ALARM, EV_RESUME): (RAISED, _RAISE),
    # The rest of PRE_ALARM is about the grace of a check-in, which the receiver knows of.
    (PRE_ALARM, EV_END): _WITHDRAW,
    (PRE_ALARM, EV_EXTEND): (WAITING, (NEWS, STORE, STOP_PRE_ALARM, SEND)),
    (PRE_ALARM, EV_SENT): (PRE_ALARM, ()),
    (PRE_ALARM, EV_RECEIPT): (PRE_ALARM, ()),
    (PRE_ALARM, EV_TAKEN): (TAKEN, (STORE, STOP_PRE_ALARM, FEEL_TAKEN)),
    (PRE_ALARM, EV_HELP_COMING): (HELP_COMING, (STORE, STOP_PRE_ALARM, FEEL_HELP_COMING)),
    (PRE_ALARM, EV_CLOSE): (CLOSED, _UNDO),
    (WAITING, EV_EXTEND): (WAITING, _TELL),
    (WAITING, EV_END): _END,
    (WAITING, EV_DURESS): _END,
    (WAITING, EV_SOS): (RAISED, _RAISE),
    (WAITING, EV_EXPIRED): (RAISED, _RAISE),
    (WAITING, EV_CONDITION): (PRE_ALARM, (STORE, START_PRE_ALARM, FEEL_CHECK_IN_DUE)),
    (WAITING, EV_SENT): (WAITING, ()),
    (WAITING, EV_LATE): (WAITING, (FEEL_NOT_DELIVERED,)),
    (WAITING, EV_RECEIPT): (WAITING, ()),
    # The receiver's clock was first: there it is an incident already, and somebody is on it.
    (WAITING, EV_TAKEN): _TAKE,
    (WAITING, EV_HELP_COMING): _HELP,
    (WAITING, EV_CLOSE): _CLOSE,
    (WAITING, EV_RESUME): (WAITING, (SEND,)),
    (RAISED, EV_SENT): (SENT, ()),
    (RAISED, EV_SOS): (RAISED, (FEEL_RAISED, SEND)),
    (RAISED, EV_LATE): (RAISED, (FEEL_NOT_DELIVERED,)),
    (RAISED, EV_RECEIPT): _RECEIPT,
    (RAISED, EV_TAKEN): _TAKE,
    (RAISED, EV_HELP_COMING): _HELP,
    (RAISED, EV_CLOSE): _CLOSE,
    (RAISED, EV_RESUME): (RAISED, (SEND,)),
    (RAISED, EV_FALSE_ALARM): (RAISED, _TELL),
    (RAISED, EV_DURESS): (RAISED, _TELL),
    (SENT, EV_SENT): (SENT, ()),
    (SENT, EV_SOS): (RAISED, (FEEL_RAISED, SEND)),
    (SENT, EV_LATE): (SENT, (FEEL_NOT_DELIVERED,)),
    (SENT, EV_RECEIPT): _RECEIPT,
    (SENT, EV_TAKEN): _TAKE,
    (SENT, EV_HELP_COMING): _HELP,
    (SENT, EV_CLOSE): _CLOSE,
    (SENT, EV_RESUME): (RAISED, (SEND,)),
    (SENT, EV_FALSE_ALARM): (RAISED, _TELL),
    (SENT, EV_DURESS): (RAISED, _TELL),
    # A broker may acknowledge after the receipt, and the receiver answers every copy.
    (RECEIVED, EV_SENT): (RECEIVED, ()),
    (RECEIVED, EV_RECEIPT): (RECEIVED, ()),
    (RECEIVED, EV_TAKEN): _TAKE,
    (RECEIVED, EV_HELP_COMING): _HELP,
    (RECEIVED, EV_CLOSE): _CLOSE,
    (RECEIVED, EV_RESUME): (RECEIVED, ()),
    (RECEIVED, EV_FALSE_ALARM): (RECEIVED, _TELL),
    (RECEIVED, EV_DURESS): (RECEIVED, _TELL),
    (TAKEN, EV_SENT): (TAKEN, ()),
    (TAKEN, EV_RECEIPT): (TAKEN, ()),
    (TAKEN, EV_TAKEN): (TAKEN, ()),
    (TAKEN, EV_HELP_COMING): _HELP,
    (TAKEN, EV_CLOSE): _CLOSE,
    (TAKEN, EV_RESUME): (TAKEN, ()),
    (TAKEN, EV_FALSE_ALARM): (TAKEN, _TELL),
    (TAKEN, EV_DURESS): (TAKEN, _TELL),
    (HELP_COMING, EV_SENT): (HELP_COMING, ()),
    (HELP_COMING, EV_RECEIPT): (HELP_COMING, ()),
    (HELP_COMING, EV_TAKEN): (HELP_COMING, ()),
    (HELP_COMING, EV_HELP_COMING): (HELP_COMING, ()),
    (HELP_COMING, EV_CLOSE): _CLOSE,
    (HELP_COMING, EV_RESUME): (HELP_COMING, ()),
    (HELP_COMING, EV_FALSE_ALARM): (HELP_COMING, _TELL),
    (HELP_COMING, EV_DURESS): (HELP_COMING, _TELL),
    # Whoever forced a cancel may be watching: nothing that the centre does is felt any more.
    (WITHDRAWN, EV_SENT): (WITHDRAWN, ()),
    (WITHDRAWN, EV_RECEIPT): _CLOSE,
    (WITHDRAWN, EV_TAKEN): _CLOSE,
    (WITHDRAWN, EV_HELP_COMING): _CLOSE,
    (WITHDRAWN, EV_CLOSE): _CLOSE,
    (WITHDRAWN, EV_RESUME): (WITHDRAWN, (SEND,)),
    (REPORT, EV_SENT): (REPORT, ()),
    (REPORT, EV_LATE): (REPORT, ()),
    (REPORT, EV_RECEIPT): _CLOSE,
    (REPORT, EV_TAKEN): _CLOSE,
    (REPORT, EV_HELP_COMING): _CLOSE,
    (REPORT, EV_CLOSE): _CLOSE,
    (REPORT, EV_END): _CLOSE,
    (REPORT, EV_RESUME): (REPORT, (SEND,)),
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
    "a deadline is an entry of its own",
    "only a deadline that still runs can be extended",
    "only a deadline that still runs can be ended; the alarm centre closes an alarm",
    "no deadline is running",
    "only an alarm that was raised can be called false",
    "there is nothing to cancel, to end or to call false",
    "a report is an entry of its own",
    "an alarm without a pre-alarm is an entry of its own",
)


class Refused(Exception):
    """The table has no place for this event in this state; `code` is alarm.refused."""

    code = "alarm.refused"


def step(state, event):
    """Return (next state, actions) of the table, or raise Refused with the reason."""
    found = TABLE.get((state, event))
    if found is None:
        raise refusal(state, event, "the alarm is closed" if state == CLOSED else _WHY_NOT[event])
    return found


def refusal(state, event, why):
    """Return the Refused that says why `event` does not act in `state`."""
    return Refused("%s in %s: %s" % (EVENT_NAMES[event], STATE_NAMES[state], why))
