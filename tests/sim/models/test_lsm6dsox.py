"""The accelerometer model against the data sheet (DS12814, AN5272): registers, FIFO, INT1."""

from __future__ import annotations

import pytest

from tests.sim.models.imu_bench import bench


def test_identity_and_reset_state_are_the_data_sheets() -> None:
    out = bench("""
m = chip()
out["who"] = r(m, 0x0F)
out["ctrl3"] = r(m, 0x12)
w(m, 0x0F, 0x55)
out["who_is_read_only"] = r(m, 0x0F)
""")
    assert out["who"] == [0x6C]
    assert out["ctrl3"] == [0x04]  # if_inc
    assert out["who_is_read_only"] == [0x6C]


def test_software_reset_takes_50_us_and_clears_the_registers() -> None:
    out = bench("""
m = chip()
continuous(m)
w(m, 0x12, 0x01)
out["during"] = r(m, 0x12)[0] & 1
pass_us(49)
out["at_49"] = r(m, 0x12)[0] & 1
pass_us(2)
out["after"] = r(m, 0x12) + r(m, 0x10) + r(m, 0x0A)
""")
    assert out["during"] == 1
    assert out["at_49"] == 1
    assert out["after"] == [0x04, 0, 0]


@pytest.mark.parametrize(
    ("code", "rate_hz"), [(1, 12.5), (2, 26), (3, 52), (4, 104), (5, 208), (8, 1666), (11, 1.6)]
)
def test_each_output_data_rate_fills_the_fifo_at_its_pace(code: int, rate_hz: float) -> None:
    out = bench(f"""
m = chip()
continuous(m, 511, {code} << 4 | 4)
pass_us(250_000)
out["words"] = waiting(m)
""")
    assert out["words"] == int(0.25 * rate_hz)


def test_a_slow_oscillator_is_as_slow_as_its_ppm() -> None:
    out = bench("""
m = chip(-20_000)
continuous(m, 511)
pass_us(4_000_000)
out["words"] = waiting(m)
""")
    assert out["words"] == int(4 * 104 * 0.98)


@pytest.mark.parametrize(
    ("full_scale", "fs_code", "ug_per_count"), [(2, 0, 61), (4, 2, 122), (8, 3, 244), (16, 1, 488)]
)
def test_samples_are_quantised_and_saturate_at_the_full_scale(
    full_scale: int, fs_code: int, ug_per_count: int
) -> None:
    out = bench(f"""
m = chip()
world_is(-1234, 32767, -32768)
continuous(m, 1, 4 << 4 | {fs_code} << 2)
pass_us(20_000)
out["word"] = r(m, 0x78, 7)
""")
    word = bytes(out["word"])
    x, y, z = (int.from_bytes(word[i : i + 2], "little", signed=True) for i in (1, 3, 5))
    assert abs(x * ug_per_count / 1000 + 1234) <= ug_per_count / 2000
    assert (y, z) == (32767, -32768)
    assert abs(y * ug_per_count / 1e6 - full_scale) < 0.02 * full_scale


def test_tags_say_accelerometer_count_slots_and_have_even_parity() -> None:
    out = bench("""
m = chip()
continuous(m)
pass_us(100_000)
out["tags"] = [r(m, 0x78, 7)[0] for _ in range(8)]
""")
    tags = out["tags"]
    assert {tag >> 3 for tag in tags} == {2}
    assert [(tag >> 1) & 3 for tag in tags] == [(tags[0] >> 1) + i & 3 for i in range(8)]
    assert all(tag.bit_count() % 2 == 0 for tag in tags)


def test_a_burst_wraps_to_the_next_word_and_equals_single_reads() -> None:
    script = """
m = chip()
world_is(100, 200, 300)
continuous(m)
pass_us(60_000)
"""
    burst = bench(script + "out['all'] = r(m, 0x78, 35)")["all"]
    single = bench(script + "out['all'] = [r(m, 0x78 + i % 7)[0] for i in range(35)]")["all"]
    assert burst == single


def test_an_empty_fifo_reads_as_words_without_a_sensor() -> None:
    out = bench("""
m = chip()
continuous(m)
pass_us(10_000)
out["two"] = r(m, 0x78, 14)
""")
    assert out["two"][0] >> 3 == 2
    assert out["two"][7] >> 3 == 0


def test_int1_rises_when_the_watermark_is_reached_and_falls_when_read_below_it() -> None:
    out = bench("""
m = chip()
continuous(m, 26)
world.busy_us(1_000_000)
out["rises"] = list(rises)
out["status"] = r(m, 0x3B)[0] & 0x80
r(m, 0x78, 7 * 100)
out["low_again"] = int1.level
world.busy_us(260_000)
out["rises_later"] = len(rises)
""")
    assert out["rises"] == [250_000]  # 26 samples at 104 Hz
    assert out["status"] == 0x80
    assert out["low_again"] == 0
    assert out["rises_later"] == 2


def test_a_full_fifo_keeps_the_newest_512_and_latches_the_overrun() -> None:
    out = bench("""
m = chip()
continuous(m, 26)
pass_us(5_000_000)
out["before_full"] = [waiting(m), r(m, 0x3B)[0] & 0x68]
pass_us(1_000_000)
status = r(m, 0x3B)[0]
out["flags"] = status & 0x68
out["words"] = waiting(m)
r(m, 0x78, 7 * 32)
r(m, 0x3B)
out["latched_after_reading"] = r(m, 0x3B)[0] & 0x08
out["left"] = waiting(m)
""")
    assert out["before_full"][0] == 512  # 5 s are 520 samples
    out_early = bench("""
m = chip()
continuous(m, 26)
pass_us(4_800_000)
out["words"] = waiting(m)
out["flags"] = r(m, 0x3B)[0] & 0x68
""")
    assert out_early == {"words": 499, "flags": 0}
    assert out["flags"] == 0x68
    assert out["words"] == 512
    assert out["latched_after_reading"] == 0
    assert out["left"] == 480


def test_fifo_mode_stops_when_full_and_bypass_empties_it() -> None:
    out = bench("""
m = chip()
continuous(m, 26)
w(m, 0x0A, 0)
w(m, 0x0A, 1)
pass_us(9_000_000)
out["words"] = waiting(m)
r(m, 0x78, 7 * 512)
pass_us(1_000_000)
out["stopped"] = waiting(m)
w(m, 0x0A, 0)
out["bypass"] = waiting(m)
w(m, 0x0A, 6)
pass_us(1_000_000)
out["again"] = waiting(m)
""")
    assert out["words"] == 512
    assert out["stopped"] == 0
    assert out["bypass"] == 0
    assert out["again"] == 104


def test_output_registers_hold_the_newest_sample_and_data_ready_clears() -> None:
    out = bench("""
m = chip()
world_is(0, 1000, -500)
w(m, 0x10, 0x44)
out["none_yet"] = r(m, 0x1E)
pass_us(20_000)
out["ready"] = r(m, 0x1E)
out["xyz"] = r(m, 0x28, 6)
out["taken"] = r(m, 0x1E)
""")
    assert out["none_yet"] == [0]
    assert out["ready"] == [1]
    raw = bytes(out["xyz"])
    x, y, z = (int.from_bytes(raw[i : i + 2], "little", signed=True) for i in (0, 2, 4))
    assert (x, y, z) == (0, 2049, -1025)  # 0.488 mg a count
    assert out["taken"] == [0]


def test_samples_come_from_the_world_at_the_instants_the_chip_samples() -> None:
    out = bench("""
ramp = array("h", [])
for i in range(2000):
    ramp.extend(array("h", [i * 8, 0, 0]))
motion.play_samples(ramp, 100_000, 0, "hold")
m = chip()
continuous(m, 104, 0x44)
pass_us(1_000_000)
words = r(m, 0x78, 7 * 104)
out["x"] = [words[i * 7 + 1] | words[i * 7 + 2] << 8 for i in range(104)]
""")
    # 100 samples a second, 8 mg apart: 800 mg a second, read at k / 104 s.
    for k, raw in enumerate(out["x"], 1):
        assert abs(raw * 0.488 - 800 * k / 104) < 0.8


def test_to_ask_how_much_waits_neither_moves_nor_hides_the_rise_of_int1() -> None:
    out = bench("""
m = chip()
continuous(m, 26)
while world.now_us < 600_000:
    pass_us(997)
    level = waiting(m)
    if int1.level:
        out.setdefault("levels", []).append(level)
        r(m, 0x78, 7 * level)
out["rises"] = rises
""")
    # The 26th sample after the start and after each burst, to the microsecond (104 Hz).
    assert out["rises"] == [-(-26 * k * 1_000_000 // 104) for k in (1, 2)]
    assert out["levels"] == [26, 26]
