"""Press to receipt by each path, in virtual time: the short form of `make bench`'s deliveries."""

from pathlib import Path

import pytest

from tests.bench import delivery
from tests.worlds import Site

# A hundredth of the presses of a shift may take 30 s; none of these lives is that unlucky.
WORST_S = 30.0


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(("state", "median_s"), [("idle", 4.0), ("forgotten", 10.0)])
def test_over_lte_m_the_receipt_is_there_in_seconds(
    site: Site, tmp_path: Path, state: str, median_s: float
) -> None:
    presses = delivery.lte_m(site, tmp_path, range(6), state)
    assert delivery.percentile_s(presses, 50) <= median_s, presses
    assert delivery.percentile_s(presses, 100) <= WORST_S, presses


@pytest.mark.parametrize("state", ["attach", "off"])
def test_also_where_the_modem_has_to_register_or_to_start_first(
    site: Site, tmp_path: Path, state: str
) -> None:
    presses = delivery.lte_m(site, tmp_path, range(4), state)
    assert delivery.percentile_s(presses, 100) <= WORST_S, presses


def test_by_wlan_it_takes_two_seconds_at_most(site: Site, tmp_path: Path) -> None:
    presses = delivery.wlan(site, tmp_path, range(4))
    assert delivery.percentile_s(presses, 95) <= 2.0, presses


def test_a_gateway_nearby_takes_five_seconds_more_than_the_link_was_given(
    site: Site, tmp_path: Path
) -> None:
    presses = delivery.ble(site, tmp_path, range(4))
    assert delivery.percentile_s(presses, 95) <= delivery.BLE_AFTER_S + 5.0, presses


def test_the_bytes_of_each_path_are_known(site: Site, tmp_path: Path) -> None:
    """As the page has them; a message that grows shows here."""
    found = delivery.bytes_of(site, tmp_path)
    assert 150 < found["bytes.lte_m_heartbeat"] < 300
    assert 500 < found["bytes.lte_m_alarm"] < 1_200
    assert found["bytes.lte_m_opening"] < 5_000
    assert found["bytes.ble_alarm"] < 2 * 192
    assert found["bytes.sms_alarm"] <= 2 * 160
