"""The accelerometer model when it is no longer well, and the noise that it has when it is."""

from __future__ import annotations

import pytest

from tests.sim.models.imu_bench import bench


def _raw(word: list[int]) -> list[int]:
    return [int.from_bytes(bytes(word[i : i + 2]), "little", signed=True) for i in range(1, 7, 2)]


def test_a_chip_at_rest_has_the_noise_of_the_data_sheet() -> None:
    out = bench("""
m = chip(noise_percent=100)
continuous(m, 511)
found = []
for _ in range(10):
    pass_us(4_000_000)
    found += words(m)
out["words"] = found
""")
    raw = [_raw(word) for word in out["words"]]
    assert len(raw) > 4000
    for axis, mg in ((0, 0), (1, 1000), (2, 0)):
        values = [row[axis] * 0.488 for row in raw]
        mean = sum(values) / len(values)
        rms = (sum((one - mean) ** 2 for one in values) / len(values)) ** 0.5
        assert abs(mean - mg) < 0.3
        # 110 ug/sqrt(Hz) over 52 Hz, and the rounding to 0.488 mg.
        assert 0.75 < rms < 0.87
    assert all(len({tuple(row) for row in raw[i : i + 4]}) > 1 for i in range(len(raw) - 4))


def test_the_output_registers_of_one_sample_belong_together() -> None:
    out = bench("""
m = chip(noise_percent=100)
w(m, 0x10, 0x44)
pass_us(100_000)
out["whole"] = r(m, 0x28, 6)
out["again"] = [r(m, 0x28 + i)[0] for i in range(6)]
""")
    assert out["whole"] == out["again"]


def test_the_nth_word_is_spoilt_and_no_other() -> None:
    out = bench("""
m = chip()
continuous(m, 511)
pass_us(100_000)
out["good"] = words(m)[0]
m.faults.spoil(3, 2, 0x80)
m.faults.spoil(6, 1, b"\\xff" * 7)
pass_us(100_000)
out["words"] = words(m)
out["active"] = m.faults.active
""")
    tags = [word[0] & 0xF8 for word in out["words"]]
    assert tags == [0x10, 0x10, 0x90, 0x90, 0x10, 0xF8, *[0x10] * (len(tags) - 6)]
    assert out["words"][5] == [255] * 7
    assert all(word[1:] == out["good"][1:] for i, word in enumerate(out["words"]) if i != 5)
    assert out["active"] is False


@pytest.mark.parametrize("how", ["", ", (0, 0, 0)", ", (0, 0, 0), True"])
def test_a_stuck_chip_repeats_itself_for_its_time_and_lives_again(how: str) -> None:
    out = bench(f"""
m = chip(noise_percent=100)
continuous(m, 511)
pass_us(500_000)
m.stick(1000{how})
pass_us(2_000_000)
out["words"] = words(m)
out["active"] = m.faults.active
""")
    raw = [tuple(_raw(word)) for word in out["words"]]
    before, held, after = raw[:52], raw[52:156], raw[156:]
    assert len(set(before)) > 10
    assert len(set(after)) > 10
    if "True" in how:
        assert len(set(held)) > 10
        assert all(abs(one) < 10 for row in held for one in row)
    else:
        assert len(set(held)) == 1
    assert out["active"] is False


def test_a_chip_that_resets_itself_has_forgotten_everything_but_its_name() -> None:
    out = bench("""
m = chip()
continuous(m, 26)
pass_us(1_000_000)
m.reset_itself()
out["int1"] = int1.level
pass_us(1_000_000)
out["state"] = [r(m, 0x10)[0], r(m, 0x0A)[0], waiting(m), r(m, 0x0F)[0]]
""")
    assert out["int1"] == 0
    assert out["state"] == [0, 0, 0, 0x6C]
