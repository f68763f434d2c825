"""The engines of the replay decide alike, and the virtual badge reads the recording's samples."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest

from badge.core.detector import detect
from badge.core.settings import config
from nabij.data import traces
from nabij.data.alarm_window import parse_window
from nabij.detector import decide, sampling, worn
from nabij.detector.decide import Decision, Fall, Samples
from nabij.errors import NabijError
from nabij.replay import firmware, viper
from nabij.virtual import badge as virtual
from nabij.virtual.body_model import Body
from tests.core.detector.motion import UPRIGHT, fall, rest
from tests.host.replay import bundle
from tests.mp import run_mp

PARAMS = decide.params_of(config.defaults())
MADE = (
    bundle.lies_down(),
    bundle.gets_up(),
    bundle.stands(),
    bundle.soft_blow(),
    bundle.seconds_after_fall(1.5),
    # Two falls in one recording, the second with the badge the other way up.
    fall(3500, 12) + rest(UPRIGHT, 6) + fall(16500, 3),
)
# Falls and daily life at all placements; about 50 of each in the long form.
SETS = ("fallalld", "sisfall", "imufd", "umafall")
LONGEST_S = 30


def _made() -> list[Samples]:
    return [sampling.measured(np.array(points, np.int16)) for points in MADE]


def _assert_same(
    badge: list[Decision], kernel: list[Decision], samples: int, name: str
) -> list[Fall]:
    """The same falls, to the sample; returns them."""
    found = decide.falls(badge, samples)
    assert found == decide.falls(kernel, samples), name
    return found


def _recorded(data_dir: Path, count: int) -> list[tuple[str, Samples]]:
    chosen = []
    for name in SETS:
        with (data_dir / name / "index.csv").open() as file:
            rows = list(csv.DictReader(file))
        rows = [r for r in rows if int(r["length"]) / float(r["rate_hz"]) < LONGEST_S]
        for row in rows[:: max(1, len(rows) // count)][:count]:
            acc = traces.load_row(data_dir / name, row).at_badge_rate().samples
            chosen.append((f"{name}/{row['trial_id']}", sampling.measured(acc)))
    return chosen


def test_viper_logs_the_same_decisions_and_the_same_state() -> None:
    made = _made()
    acc, offsets = decide.concatenate(made)
    # As much as a fresh badge knows of upright; and one that has learned that it is upside down.
    known = decide.fresh_upright(len(made))
    known[0] = (7, 16384, 16384, 16384 - 500)
    for one, other in zip(
        decide.decide_many(acc, offsets, PARAMS, upright=known),
        viper.decide_each(made, PARAMS, known),
        strict=True,
    ):
        # MicroPython goes on to the end of the tail, where nothing is left to decide.
        for event, same in zip(one, other[: len(one)], strict=True):
            assert (event.at, event.bits, event.anchor) == (same.at, same.bits, same.anchor)
            assert event.words is not None
            assert (event.words == same.words).all()


def test_viper_says_in_one_sentence_that_it_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_MICROPYTHON", "/bin/false")
    with pytest.raises(NabijError, match="could not run the detector"):
        viper.decide_each(_made()[:1], PARAMS, decide.fresh_upright(1))


def test_the_virtual_badge_decides_as_the_kernel_does() -> None:
    made = _made()
    ticks = []
    answers = firmware.decide_each(made, config.defaults(), lambda: ticks.append(time.monotonic()))
    assert len(ticks) == len(made)
    seen = 0
    for acc, answer in zip(made, answers, strict=True):
        assert not isinstance(answer, NabijError), answer
        seen += len(_assert_same(answer, decide.decide(acc, PARAMS), len(acc), "made"))
    assert seen >= 5


def test_the_virtual_badge_runs_with_the_configuration_that_is_replayed() -> None:
    deaf = config.Config.from_dict({"impact_mg": 4000, "fall_points": 1000})
    (answer,) = firmware.decide_each(_made()[:1], deaf)
    assert isinstance(answer, list)
    assert not decide.falls(answer, len(_made()[0]))


def test_one_failing_badge_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _made()[:2]
    write = traces.write_sim_trace

    def broken(path: Path, samples: Samples, rate_hz: float) -> Path:
        written = write(path, samples, rate_hz)
        if path.parent.name == "0":
            path.write_bytes(b"no trace")
        return written

    monkeypatch.setattr(traces, "write_sim_trace", broken)
    bad, good = firmware.decide_each(made, config.defaults())
    assert isinstance(bad, NabijError)
    assert isinstance(good, list)


@pytest.mark.slow
@pytest.mark.parametrize("each", [11, pytest.param(52, marks=pytest.mark.soak)])
def test_the_virtual_badge_decides_as_the_kernel_on_recordings(data_dir: Path, each: int) -> None:
    named = _recorded(data_dir, each)
    assert len(named) >= 3.9 * each
    recordings = [acc for _, acc in named]
    answers = firmware.decide_each(recordings, config.defaults())
    acc, offsets = decide.concatenate(recordings)
    kernel = decide.decide_many(acc, offsets, PARAMS)
    alarms = 0
    for (name, one), answer, events in zip(named, answers, kernel, strict=True):
        assert not isinstance(answer, NabijError), f"{name}: {answer}"
        found = _assert_same(answer, events, len(one), name)
        alarms += bool(decide.alarms(found, gets_up=False))
    assert len(named) / 4 < alarms < 3 * len(named) / 4


def test_a_man_down_by_tilt_and_rest_is_no_fall_to_the_replay() -> None:
    body = Body()
    acc = np.concatenate([body.walking(30), body.faint(), body.lying(60)])
    (answer,) = firmware.decide_each([sampling.measured(acc)], config.defaults())
    assert isinstance(answer, list)
    assert not decide.falls(answer, len(acc))
    # The very same motion is an alarm to the badge.
    assert worn.Badge(config.defaults()).wear(acc).of("alarm", "tilt")


def test_the_badge_reads_the_very_samples_of_the_recording_from_its_first_on(
    tmp_path: Path,
) -> None:
    provision = tmp_path / "provision"
    provision.mkdir()
    (provision / "config.json").write_text(json.dumps(config.defaults().to_dict()))
    rng = np.random.default_rng(5)
    acc = np.array(bundle.lies_down() + rest(UPRIGHT, 15), np.int16)
    acc[:-200] += rng.integers(-9, 10, (len(acc) - 200, 3), dtype=np.int16)
    acc[100:110] = rng.integers(-32768, 32768, (10, 3))
    log = firmware.run_recording(
        tmp_path / "run", provision, acc, firmware.imu_start_ms(provision)
    )
    assert [event for event in log if event.what == "motion.fall"]
    # The badge keeps the motion around the fall in flash: read it back with another program.
    reader = tmp_path / "reader.py"
    reader.write_text(
        "import os\n"
        "(name,) = [n for n in os.listdir('/motion') if n.endswith('.nbm')]\n"
        "print('NAME', name)\n"
        "with open('/motion/' + name, 'rb') as file:\n"
        "    while True:\n"
        "        part = file.read(64)\n"
        "        if not part:\n"
        "            break\n"
        "        print('DATA', part.hex())\n"
    )
    run = virtual.run_fast(
        virtual.Scenario(duration_ms=120_000, main=reader), folder=tmp_path / "run" / "badge"
    )
    kept = bytes.fromhex("".join(t.split()[1] for t in run.console if t.startswith("DATA")))
    [name] = [text.split()[1] for text in run.console if text.startswith("NAME")]
    window = parse_window(name, kept)
    samples, count = np.array(window.samples), len(window.samples)
    assert window.rate_hz == detect.RATE_HZ
    assert count > 1000
    # The fall is 5 s after the start and 15 s are kept before it: the window begins at sample 0.
    assert (samples == sampling.measured(acc)[:count]).all()


def test_measured_is_exactly_what_chip_and_driver_make_of_every_acceleration() -> None:
    out = run_mp(
        "from array import array\n"
        "from sim.models import fifo_kernel, lsm6dsox as model\n"
        "from badge.drivers import imu_words, lsm6dsox as driver\n"
        "mg = array('H', [0] * 96)\n"
        "words = bytearray(32 * 7)\n"
        "back = array('H', [0] * 96)\n"
        "code, mg_q16 = driver.SCALES[16]\n"
        "scale = array('i', [model.COUNTS_PER_MG_Q24[code], 0, 0, 0])\n"
        "job = array('i', [0] * imu_words.JOB_WORDS)\n"
        "imu_words.reads(job, mg_q16, 0x10, 0xF8, 1)\n"
        "imu_words.turns(job, 'xyz')\n"
        "at = 0\n"
        "while at < 65536:\n"
        "    for i in range(96):\n"
        "        mg[i] = (at + i) & 0xFFFF\n"
        "    fifo_kernel.pack(words, mg, scale, 32)\n"
        "    assert imu_words.convert(back, words, 32, job) == 32\n"
        "    print(' '.join(str(one) for one in back))\n"
        "    at += 96\n"
    )
    reported = np.array(out.split(), np.int64)[:65536].astype(np.uint16).view(np.int16)
    every = np.arange(65536, dtype=np.uint16).view(np.int16)
    filled = np.resize(every, (65536 // 3 + 1, 3))
    assert (sampling.measured(filled).ravel()[:65536] == reported).all()
