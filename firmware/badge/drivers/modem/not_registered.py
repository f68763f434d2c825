"""Why a SIM7080 is not registered, as far as it tells (AT manual V1.05: no reject cause)."""

from badge.core.portable import const
from badge.drivers.modem.at import AtError, ModemError, printable

_COMMAND_MS = const(2_000)
# Of +CSQ: nothing is detected.
_NO_SIGNAL = "99"
# Of +CME ERROR (22.1 of the manual).
_NO_CARD = "+CME ERROR: 10"
_DENIED = const(3)
_STATES = {0: "not searching", 2: "searching"}


async def reason(modem):
    """A ModemError: modem.sim, .radio_off, .denied, .searching or .no_network.

    Raises AtError at.timeout when the modem does not answer. What it refuses to tell, or tells in
    no sense, is left out and not guessed.
    """
    at = modem.at
    card = await _told(at, b"AT+CPIN?", b"+CPIN:")
    if card not in ("READY", ""):
        return ModemError("modem.sim", "the SIM is not ready (%s)" % _card(card))
    mode = await _told(at, b"AT+CFUN?", b"+CFUN:")
    if mode.isdigit() and mode != "1":
        return ModemError("modem.radio_off", "the radio is off (CFUN %s)" % mode)
    signal = (await _told(at, b"AT+CSQ", b"+CSQ:")).split(",")[0]
    # Who has searched since and hears nothing is refused by nobody now.
    is_gone = signal == _NO_SIGNAL and modem.registration != _DENIED
    if modem.denied is not None and not is_gone:
        text = "the network refuses this SIM" + await _why(modem)
        return ModemError("modem.denied", text, cause_from_cereg(modem.denied) or 0)
    if signal == _NO_SIGNAL:
        before = "" if modem.denied is None else ", refused before that"
        return ModemError("modem.no_network", "not registered: no signal is detected" + before)
    state = _STATES.get(modem.registration, "state %d" % modem.registration)
    if not signal.isdigit():
        return ModemError("modem.no_network", "not registered: %s" % state)
    return ModemError("modem.searching", "not registered: %s, signal %s" % (state, signal))


def _card(state):
    return "none" if state == _NO_CARD else state


async def _why(modem):
    """What is known of the cause, to be said after the refusal."""
    text = ": it does not say why"
    cause = cause_from_cereg(modem.denied)
    if cause is not None:
        text = ": cause %d" % cause
    # Of 3GPP TS 27.007 and not in this modem's manual: it may refuse, or tell of an older failure.
    report = await _told(modem.at, b"AT+CEER", b"+CEER:")
    if report and not report.startswith("+CM"):
        text += ", last report %s" % report
    return text


async def _told(at, command, prefix):
    """What stands after `prefix`; the error line when refused, "" when it makes no sense."""
    try:
        lines = await at.command(command, _COMMAND_MS, expect=prefix)
    except AtError as error:
        if error.code == "at.timeout":
            raise
        return str(error).split(" answered ")[1] if error.code == "at.error" else ""
    return printable(lines[0][len(prefix) :].strip())


def cause_from_cereg(line):
    """<reject_cause> of a +CEREG line that ends in <cause_type>,<reject_cause>; None without one.

    Of 3GPP TS 27.007. The manual of this modem knows no such fields; newer firmware may.
    """
    fields = line[7:].strip().split(b",")
    # After them may come the times of PSM, in quotes.
    while fields and not fields[-1].isdigit():
        fields.pop()
    if len(fields) < 6 or fields[-2] != b"0" or len(fields[-1]) > 3:
        return None
    return int(fields[-1])
