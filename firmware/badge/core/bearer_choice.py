"""Which bearer is tried next, and for how long: pure functions of what is known of each."""

from collections import namedtuple

from badge.core.portable import const

# After so long without a try a bearer that failed may be well again.
AGAIN_MS = const(300_000)
# How long one looks for its network before it is another's turn. What it began goes on beside
# that: a modem needs no help to search.
ALONE_MS = const(120_000)
TURN_MS = const(10_000)

# cost_ua: what a session over it draws now. failures: sessions tried in a row of which nothing was
# heard from the receiver. failed_ms: how long ago the last of them ended, or 0 for none.
Evidence = namedtuple("Evidence", ("cost_ua", "failures", "failed_ms"))


def choose(evidence, *, is_waiting):
    """The index of the bearer to try, of a list of Evidence; the first of equals.

    While an alarm waits (`is_waiting`) that which failed least, whatever it costs: of two that
    fail each has its turn. Otherwise the cheapest that has not failed of late.
    """
    best = None
    for index, one in enumerate(evidence):
        is_doubtful = one.failures > 0 and one.failed_ms < AGAIN_MS
        failures = one.failures if is_waiting or is_doubtful else 0
        rank = failures, one.cost_ua
        if best is None or rank < best[0]:
            best = rank, index
    return best[1]


def turn_ms(rounds, *, is_waiting, is_other_well):
    """How long one of several bearers may take to open; `rounds`: turns that each has had.

    While an alarm waits (`is_waiting`), all are tried before the wearer would have to be told that
    it is not delivered; in later rounds one that is slow has its time. One that works
    (`is_other_well`) is not left for long to see whether this one does again.
    """
    if is_waiting:
        return min(TURN_MS << min(rounds, 4), ALONE_MS)
    return 2 * TURN_MS if is_other_well else ALONE_MS
