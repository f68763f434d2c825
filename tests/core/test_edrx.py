"""The cycles of eDRX, and the four bits that name them."""

import pytest

from badge.core import edrx
from badge.core.settings.fields import FIELDS
from nabij.centre.fleet.order_line import ANSWER_S, TRIES


@pytest.mark.parametrize(
    ("bits", "ms"),
    # 3GPP TS 24.008, table 10.5.5.32.
    [("0000", 5_120), ("0010", 20_480), ("0101", 81_920), ("1001", 163_840), ("1111", 10_485_760)],
)
def test_bits_are_the_number_of_the_cycle(bits: str, ms: int) -> None:
    assert edrx.cycle_ms(bits) == ms
    assert edrx.bits_of(ms // 1000) == bits


@pytest.mark.parametrize("bits", ["", "0", "00101", "2010", "x", " 010"])
def test_what_is_not_four_bits_is_no_cycle(bits: str) -> None:
    assert edrx.cycle_ms(bits) is None


def test_each_number_that_the_settings_take_is_a_cycle_and_ends_before_an_order_is_given_up() -> (
    None
):
    (cycles,) = [row.lowest for row in FIELDS if row.name == "edrx_s"]
    for cycle_s in cycles[1:]:
        ms = edrx.cycle_ms(edrx.bits_of(cycle_s))
        assert ms // 1000 == cycle_s
        assert ms < 1000 * ANSWER_S * TRIES - 2_000
    with pytest.raises(ValueError):  # noqa: PT011  Python's own
        edrx.bits_of(6)
