"""When a modem that a network refuses is made to ask anew, by its radio going off and on.

After some causes it asks no more before that (3GPP TS 24.301, 5.5.1.2.5). An operator may bar a
card that asks without an end (GSMA TS.34): while nothing waits only the ladder makes it ask, which
switches the modem off and on after pauses that double (core/link_ladder.py).
"""

from badge.core.portable import const

# One that was refused searches every 10 s (T3411), or has given up.
GIVEN_UP_MS = const(30_000)
AGAIN_MS = const(120_000)


def is_due(refused_ms, asked_ms, *, is_waiting, is_new):
    """Whether it is to ask anew now.

    refused_ms: for how long it has not searched since it was refused, None: it was not, or
    searches. asked_ms: how long ago it was made to, None: never. `is_waiting`: an alarm waits;
    `is_new`: since then one began to, or the wearer asked, or a shift began.
    """
    if refused_ms is None or refused_ms < GIVEN_UP_MS:
        return False
    return is_new or (is_waiting and (asked_ms is None or asked_ms >= AGAIN_MS))
