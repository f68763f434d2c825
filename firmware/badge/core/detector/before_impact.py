"""What came before an impact: did the badge hang in a hand, did it fly?"""

from badge.core.detector import detect, second
from badge.core.portable import const

# Of the detector's postures.
BIAS = const(16384)
_FROM_BLOCKS = const(32)
_TO_BLOCKS = const(6)
_RING_BLOCKS = const(64)
_TURNED_DEG = const(60)
_IN_HAND_BLOCKS = const(8)
# 0.7 g and 1.3 g: between them a mean points to where down is.
_LEAST = const(350)
_MOST = const(650)
# (300 mg / 2) ** 2: a body that topples is held up by more.
_FLIGHT_Q = const(22500)


def was_in_hand(state, frame, anchor):
    """True when the badge was turned away from upright for a second of the 4 s before the blow.

    Of the recorded falls of wearers 1 in 20 looks like that too; False without a body frame, and
    of a blow that lies back so far that what came before it is gone.
    """
    if not frame.known or not _is_kept(state, anchor - _FROM_BLOCKS):
        return False
    turned = 0
    for number in range(anchor - _FROM_BLOCKS, anchor - _TO_BLOCKS):
        x, y, z = second.block_of(state, number)
        if _LEAST < second.length(x, y, z) < _MOST:
            turned += frame.from_upright_deg(x, y, z) > _TURNED_DEG
    return turned >= _IN_HAND_BLOCKS


def flew(state, anchor):
    """True when the badge was in free fall for a whole block of the 3/4 s before the blow."""
    if not _is_kept(state, anchor - _TO_BLOCKS):
        return False
    for number in range(anchor - _TO_BLOCKS, anchor):
        if second.peak_q_of(state, number) < _FLIGHT_Q:
            return True
    return False


def _is_kept(state, number):
    return state[detect.S_BLOCKS] - number <= _RING_BLOCKS
