"""The packages of the firmware can be imported by a 32-bit microcontroller, within its heap."""

import pytest

from tests.emulated import heap

# Of the 190 kB of the emulated chip; the badge's own heap lies in 8 MB of PSRAM.
PART_BUDGET_BYTES = 175_000


def test_every_package_is_measured_and_none_twice() -> None:
    measured = [package for part in heap.PARTS for package in part]
    # Boards import only `machine`, which is the chip's own.
    assert sorted(measured) == sorted(heap.packages() - {"boards"})


@pytest.mark.soak
@pytest.mark.parametrize("part", heap.PARTS, ids=lambda part: part[0])
def test_a_part_of_the_firmware_fits_a_small_heap(part: tuple[str, ...]) -> None:
    taken = heap.measure(part)
    assert set(taken) == set(part)
    assert sum(taken.values()) <= PART_BUDGET_BYTES
