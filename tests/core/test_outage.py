"""Why there was no network: which reason is told, and for how long."""

import pytest

from badge.core import ticks
from badge.core.outage import (
    DENIED,
    NO_NETWORK,
    NO_RECEIVER,
    NO_WLAN,
    SEARCHING,
    SECONDS_MAX,
    SILENT,
    Outages,
)


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (["link.timeout"], NO_RECEIVER),
        (["something.new"], NO_RECEIVER),
        # What the modem says of its network counts for more than what came of that.
        (["link.closed", "modem.denied", "link.timeout"], DENIED),
        (["modem.no_network", "modem.denied"], DENIED),
        (["modem.denied", "modem.no_network"], NO_NETWORK),
        # That it searches is what it always does.
        (["modem.denied", "modem.searching"], DENIED),
        (["link.closed", "modem.searching"], SEARCHING),
        (["modem.denied", "wlan.no_network"], DENIED),
        (["wlan.no_network"], NO_WLAN),
    ],
)
def test_the_reason_is_the_best_that_is_known(codes, why):
    outages = Outages(5_000)
    for code in codes:
        outages.failed(code)
    assert outages.told(65_000) == [why, 0, 60]


@pytest.mark.parametrize("before", ["link.timeout", "modem.denied", "wlan.no_network"])
def test_one_answer_that_did_not_come_is_no_reason_for_what_lasts(before):
    outages = Outages(0)
    outages.failed(before)
    [known, *_] = outages.told(0)
    outages.failed("at.timeout")
    assert outages.told(0) == [known, 0, 0]
    alone = Outages(0)
    alone.failed("at.timeout")
    assert alone.told(0) == [SILENT, 0, 0]


def test_a_search_is_told_where_it_was_the_first_thing_that_failed():
    outages = Outages(0)
    outages.searched()
    assert outages.told(0) == [SEARCHING, 0, 0]
    later = Outages(0)
    later.failed("link.timeout")
    later.failed("link.timeout")
    later.searched()
    assert later.told(0) == [NO_RECEIVER, 0, 0]


def test_one_that_is_over_is_told_for_an_hour_and_a_short_one_never():
    outages = Outages(0)
    assert outages.told(0) is None
    outages.failed("modem.denied", 8)
    outages.up(600_000, by_modem=True)
    assert outages.told(660_000) == [DENIED, 8, 600, 60]
    outages.down(700_000)
    outages.failed("link.closed")
    outages.up(705_000, by_modem=True)
    assert outages.told(720_000) == [DENIED, 8, 600, 120]
    assert outages.told(600_000 + 3_600_000) is None
    # Nor is it told again when the ticks have come around.
    assert outages.told(660_000) is None


def test_a_session_by_another_way_is_no_network_of_the_modem():
    outages = Outages(0)
    outages.failed("modem.denied")
    outages.up(60_000, by_modem=False)
    assert outages.told(90_000) == [DENIED, 0, 90]
    outages.up(120_000, by_modem=True)
    assert outages.told(130_000) == [DENIED, 0, 120, 10]
    receiver = Outages(0)
    receiver.failed("link.timeout")
    receiver.up(60_000, by_modem=False)
    assert receiver.told(70_000) == [NO_RECEIVER, 0, 60, 10]


def test_it_lasts_over_the_wrap_of_the_ticks():
    start_ms = ticks.PERIOD - 10_000
    outages = Outages(start_ms)
    outages.failed("modem.no_network")
    assert outages.told(ticks.add(start_ms, 100_000)) == [NO_NETWORK, 0, 100]
    # Longer than ticks can tell: days.
    days_ms = (start_ms + ticks.PERIOD // 2 + 5) % ticks.PERIOD
    assert outages.told(days_ms) == [NO_NETWORK, 0, SECONDS_MAX]
