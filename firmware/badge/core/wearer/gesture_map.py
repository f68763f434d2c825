"""What a shape means: one table of SOS gesture, context and shape, one meaning each.

A wearer says "I am fine" with two quick presses that no body lying on the badge makes: a double
tap or, where taps belong to the SOS, a roll from one button to the other. The left button (or the
left one first) means it; the right one says the same under duress and looks the same.
"""

from badge.core.alarm.book import ALARM_OPEN, AMBER_RUNNING, CHECK_IN_DUE, IN_PRE_ALARM, QUIET
from badge.core.wearer.button_trial import TRYING
from badge.core.wearer.gestures import LEFT, RIGHT, SOS_GESTURES

CONTEXTS = (QUIET, TRYING, IN_PRE_ALARM, CHECK_IN_DUE, AMBER_RUNNING, ALARM_OPEN)

SOS = "SOS"
STATUS = "STATUS"
CHECK_IN = "CHECK_IN"
CHECK_IN_DURESS = "CHECK_IN_DURESS"
CANCEL = "CANCEL"
DURESS_CANCEL = "DURESS_CANCEL"
AMBER = "AMBER"
EXTEND = "EXTEND"
END = "END"
END_DURESS = "END_DURESS"
FALSE_ALARM = "FALSE_ALARM"
FALSE_ALARM_DURESS = "FALSE_ALARM_DURESS"
TRIED = "TRIED"
NOTHING_BUT_FELT = "NOTHING_BUT_FELT"
MEANINGS = (
    SOS,
    STATUS,
    CHECK_IN,
    CHECK_IN_DURESS,
    CANCEL,
    DURESS_CANCEL,
    AMBER,
    EXTEND,
    END,
    END_DURESS,
    FALSE_ALARM,
    FALSE_ALARM_DURESS,
    TRIED,
    NOTHING_BUT_FELT,
)
# What a log may call them: whoever reads it must not learn that the wearer was under duress.
LOOKS_LIKE = {
    CHECK_IN_DURESS: CHECK_IN,
    DURESS_CANCEL: CANCEL,
    END_DURESS: END,
    FALSE_ALARM_DURESS: FALSE_ALARM,
}

_EITHER = None
_ANY = SOS_GESTURES
_TAPS_ARE_FREE = ("squeeze", "hold")
_TAPS_ARE_SOS = ("double", "triple")
_HOLD_IS_FREE = ("squeeze", "double", "triple")

# (SOS gestures, context, shape, button, meaning); what is not here is STATUS, the answer to "am I
# protected?", or TRIED while the badge itself asks for the buttons. SOS stands for itself in every
# context.
ROWS = (
    (_HOLD_IS_FREE, QUIET, "HOLD", _EITHER, AMBER),
    # A button that nobody lets go of may be somebody who cannot: an amber is not yet an alarm.
    (_HOLD_IS_FREE, QUIET, "LEAN", _EITHER, AMBER),
    (("hold",), QUIET, "TRIPLE_TAP", _EITHER, AMBER),
    # The question for the buttons must not keep anyone from an amber.
    (_HOLD_IS_FREE, TRYING, "HOLD", _EITHER, AMBER),
    (_HOLD_IS_FREE, TRYING, "LEAN", _EITHER, AMBER),
    (("hold",), TRYING, "TRIPLE_TAP", _EITHER, AMBER),
    # A body that slides off a button has held it: only with a tap before it is it meant.
    (_HOLD_IS_FREE, AMBER_RUNNING, "ROLL_HOLD", _EITHER, EXTEND),
    (_HOLD_IS_FREE, AMBER_RUNNING, "HOLD", _EITHER, NOTHING_BUT_FELT),
    (("hold",), AMBER_RUNNING, "TRIPLE_TAP", _EITHER, EXTEND),
    (_TAPS_ARE_FREE, AMBER_RUNNING, "DOUBLE_TAP", LEFT, END),
    (_TAPS_ARE_FREE, AMBER_RUNNING, "DOUBLE_TAP", RIGHT, END_DURESS),
    (_TAPS_ARE_SOS, AMBER_RUNNING, "ROLL", LEFT, END),
    (_TAPS_ARE_SOS, AMBER_RUNNING, "ROLL", RIGHT, END_DURESS),
    (_TAPS_ARE_FREE, IN_PRE_ALARM, "DOUBLE_TAP", LEFT, CANCEL),
    (_TAPS_ARE_FREE, IN_PRE_ALARM, "DOUBLE_TAP", RIGHT, DURESS_CANCEL),
    (_TAPS_ARE_SOS, IN_PRE_ALARM, "ROLL", LEFT, CANCEL),
    (_TAPS_ARE_SOS, IN_PRE_ALARM, "ROLL", RIGHT, DURESS_CANCEL),
    (_TAPS_ARE_FREE, ALARM_OPEN, "DOUBLE_TAP", LEFT, FALSE_ALARM),
    (_TAPS_ARE_FREE, ALARM_OPEN, "DOUBLE_TAP", RIGHT, FALSE_ALARM_DURESS),
    (_TAPS_ARE_SOS, ALARM_OPEN, "ROLL", LEFT, FALSE_ALARM),
    (_TAPS_ARE_SOS, ALARM_OPEN, "ROLL", RIGHT, FALSE_ALARM_DURESS),
    # A tap that is half of a double tap must not say that all is well.
    (_TAPS_ARE_FREE, CHECK_IN_DUE, "TAP", _EITHER, CHECK_IN),
    (_TAPS_ARE_FREE, CHECK_IN_DUE, "DOUBLE_TAP", LEFT, CHECK_IN),
    (_TAPS_ARE_FREE, CHECK_IN_DUE, "DOUBLE_TAP", RIGHT, CHECK_IN_DURESS),
    (_TAPS_ARE_SOS, CHECK_IN_DUE, "ROLL", LEFT, CHECK_IN),
    (_TAPS_ARE_SOS, CHECK_IN_DUE, "ROLL", RIGHT, CHECK_IN_DURESS),
    (_ANY, IN_PRE_ALARM, "LEAN", _EITHER, NOTHING_BUT_FELT),
    (_ANY, CHECK_IN_DUE, "LEAN", _EITHER, NOTHING_BUT_FELT),
    (_ANY, AMBER_RUNNING, "LEAN", _EITHER, NOTHING_BUT_FELT),
    (_ANY, ALARM_OPEN, "LEAN", _EITHER, NOTHING_BUT_FELT),
)


def meaning(sos_gesture, context, shape, button=None, began_in=None):
    """Return the one meaning of a shape; `began_in` is the context when its first press came.

    Presses that began before the context they ended in cannot have been about it: they are no
    more than a question.
    """
    if shape == SOS:
        return SOS
    otherwise = NOTHING_BUT_FELT if shape == "MUDDLE" else STATUS
    if began_in is not None and began_in != context:
        return otherwise
    for gestures, row_context, row_shape, row_button, means in ROWS:
        is_row = row_context == context and row_shape == shape and sos_gesture in gestures
        if is_row and (row_button is _EITHER or row_button == button):
            return means
    return TRIED if context == TRYING else otherwise


def tells_sides_apart(sos_gesture, context, shape):
    """Whether the two buttons say different things by it, one of them under duress.

    Then nothing else may depend on which it was.
    """
    left, right = (meaning(sos_gesture, context, shape, button) for button in (LEFT, RIGHT))
    return left != right
