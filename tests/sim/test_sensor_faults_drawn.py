"""Faults of the sensor drawn at random over falls: none is lost that is found without them.

The firmware's driver, MotionTask and man-down on the model of chip and bus; what hears of a fall
is left out, so that many falls follow one another in one life.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from badge.core.detector import detect
from nabij.data import bundles
from nabij.data.traces import Samples, write_sim_trace
from nabij.virtual.badge import Fact, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import at
from tests.worlds import Site

# After each fall its wearer lies for so long: what an outage puts off is judged by then.
_LIES_S: Final = 17.0
_BEGINS_MS: Final = 3_000
_FALLS: Final = 30
# Around the impact, and how many in each recording: as often as is borne without a word.
_AROUND_MS: Final = 3_000
_MOST_FAULTS: Final = 5
_LONGEST_OUTAGE_MS: Final = 4_000
_RESETS_APART_MS: Final = 500

MAIN: Final = """
import asyncio
from time import ticks_ms
from badge.assembly import settings
from badge.boards.t_sim7080g_s3 import Board
from badge.core.body.man_down import ManDown
from badge.core.detector.ring import MotionRing
from badge.drivers.imu_fifo import ImuFifo
from badge.drivers.lsm6dsox import Lsm6dsox
from badge.log import EventLog
from badge.tasks.motion_task import MotionTask

ENDS = ENDS_MS

class Watch:
    def block(self, bits, sample, now_ms):
        if bits:
            print("bits", bits, now_ms)

    def tick(self, now_ms):
        pass

async def begin_anew(man_down):
    for end_ms in ENDS:
        await asyncio.sleep_ms(max(0, end_ms - ticks_ms()))
        man_down.reset()

async def main():
    board, log = Board(), EventLog(ticks_ms)
    _, config = settings.load_config(board, log)
    man_down = ManDown(config)
    task = MotionTask(
        ImuFifo(Lsm6dsox(board.imu_i2c(), board.IMU_ADDR)), board.imu_int1(),
        MotionRing(4096), man_down,
        Watch(), log, watermark_samples=config.imu_watermark_samples,
        is_pressed=lambda: False,
    )
    asyncio.create_task(begin_anew(man_down))
    await task.run(lambda: None)

asyncio.run(main())
"""


@dataclass(frozen=True)
class Falls:
    """Falls one after the other, as the simulator plays them, and what is found of them."""

    trace: Path
    main: Path
    site: Site
    # In virtual time: where each recording begins, where its impact is.
    begins_ms: tuple[int, ...]
    impacts_ms: tuple[int, ...]

    def found(self, events: list[Fact]) -> tuple[bool, ...]:
        """Which falls the badge judged to be one."""
        run = run_fast(
            Scenario(
                duration_ms=self.begins_ms[-1] + 1000,
                provision=self.site.provision,
                trace=Trace(self.trace, start_ms=_BEGINS_MS),
                events=events,
                main=self.main,
            )
        )
        assert run.exit_codes == [0], run.lines[-5:]
        bits = [
            (int(words[2]), int(words[1]))
            for words in (line.split() for line in run.console)
            if words[:1] == ["bits"]
        ]
        return tuple(
            any(event & detect.EV_FALL for ms, event in bits if start <= ms < end)
            for start, end in zip(self.begins_ms, self.begins_ms[1:], strict=False)
        )


def _recorded(data_dir: Path) -> list[Samples]:
    rows = bundles.load_bundle(data_dir / "fallalld", placement="neck").rows
    falls = [one for one in rows if one.is_fall]
    return [bundles.samples_104(one) for one in falls[:: len(falls) // _FALLS][:_FALLS]]


def _made_up() -> list[Samples]:
    return [
        np.concatenate([body.walking(10.0), body.fall(), body.lying(3.0)])
        for body in (Body(seed) for seed in range(_FALLS))
    ]


@pytest.fixture(scope="module", params=["made up", "recorded"])
def falls(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Falls:
    """Of a model, and of FallAllD at the neck (private data, skipped when absent)."""
    made = request.param == "made up"
    chosen = _made_up() if made else _recorded(request.getfixturevalue("data_dir"))
    parts, begins, impacts, n = [], [], [], 0
    ms = 1000 / detect.RATE_HZ
    for samples in chosen:
        begins.append(round(_BEGINS_MS + n * ms))
        hardest = int(np.argmax(np.square(samples.astype(np.int64)).sum(axis=1)))
        impacts.append(round(begins[-1] + hardest * ms))
        still = np.repeat(samples[-1:], round(_LIES_S * detect.RATE_HZ), axis=0)
        parts += [samples, still]
        n += len(samples) + len(still)
    begins.append(round(_BEGINS_MS + n * ms))
    folder = tmp_path_factory.mktemp("falls")
    main = folder / "main.py"
    main.write_text(MAIN.replace("ENDS_MS", repr(begins[1:])))
    trace = write_sim_trace(folder / "falls", np.concatenate(parts))
    return Falls(trace, main, site, tuple(begins), tuple(impacts))


@pytest.fixture(scope="module")
def found(falls: Falls) -> tuple[bool, ...]:
    """What is found without a fault: most."""
    sound = falls.found([])
    assert sum(sound) >= 0.9 * len(sound)
    return sound


def drawn(falls: Falls, seed: int, kinds: tuple[str, ...]) -> list[Fact]:
    """Faults of these kinds around each impact."""
    rng = np.random.default_rng(seed)
    events = []
    for impact_ms in falls.impacts_ms:
        for _ in range(int(rng.integers(1, _MOST_FAULTS + 1))):
            at_ms = impact_ms + int(rng.integers(-_AROUND_MS, _AROUND_MS + 1))
            events.append(_fault(rng, max(_BEGINS_MS, at_ms), str(rng.choice(kinds))))
    return sorted(events, key=lambda event: float(event["at_ms"]))


def _fault(rng: np.random.Generator, at_ms: int, kind: str) -> Fact:
    if kind == "outage":
        how = str(rng.choice(["nak", "stuck", "low"]))
        for_ms = int(rng.integers(1, _LONGEST_OUTAGE_MS // _MOST_FAULTS))
        return at(at_ms, "i2c_fault", kind=how, chip="imu", for_ms=for_ms)
    if kind == "transfer":
        how = str(rng.choice(["nak", "torn", "cut"]))
        nth = int(rng.integers(1, 9))
        return at(at_ms, "i2c_fault", kind=how, chip="imu", nth=nth)
    if kind == "word":
        nth = int(rng.integers(1, 27))
        return at(at_ms, "fifo_garbage", kind="word", times=int(rng.integers(1, 3)), nth=nth)
    if kind == "bit":
        bit, nth = int(rng.integers(0, 8)), int(rng.integers(1, 27))
        return at(at_ms, "fifo_garbage", kind="tag_bit", bit=bit, nth=nth)
    return at(at_ms, "imu_reset")


def lost(falls: Falls, found: tuple[bool, ...], faults: list[Fact]) -> list[int]:
    """The falls that these faults cost."""
    seen = falls.found(faults)
    return [n for n, was in enumerate(found) if was and not seen[n]]


# A smaller example would say no more, and each is a life.
_PHASES: Final = (Phase.explicit, Phase.generate)
WIRES: Final = ("outage", "transfer", "word", "bit")


@pytest.mark.requirement("R02")
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=2, derandomize=True, deadline=None, phases=_PHASES)
def test_faults_of_bus_and_words_cost_no_fall(
    falls: Falls, found: tuple[bool, ...], seed: int
) -> None:
    assert lost(falls, found, drawn(falls, seed, WIRES)) == []


@pytest.mark.soak
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None, phases=_PHASES)
def test_faults_of_bus_and_words_cost_no_fall_in_the_long_run(
    falls: Falls, found: tuple[bool, ...], seed: int
) -> None:
    assert lost(falls, found, drawn(falls, seed, WIRES)) == []


@pytest.mark.soak
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None, phases=_PHASES)
def test_a_chip_that_resets_itself_twice_a_second_at_most_costs_no_fall(
    falls: Falls, found: tuple[bool, ...], seed: int
) -> None:
    """Nearer ones make one gap, which may be longer than what is bridged (docs/sensor.md)."""
    apart: list[Fact] = []
    for event in drawn(falls, seed, ("reset",)):
        if not apart or event["at_ms"] - apart[-1]["at_ms"] >= _RESETS_APART_MS:
            apart.append(event)
    assert lost(falls, found, apart) == []
