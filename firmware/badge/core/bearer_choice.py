"""Which bearer is tried next: a pure function of what is known of each."""

from collections import namedtuple

from badge.core.portable import const

# After so long without a try a bearer that failed may be well again.
AGAIN_MS = const(300_000)

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
