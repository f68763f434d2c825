"""`make bench`: measure, print the figures, write build/bench.json (flat names to numbers)."""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nabij.virtual import energy
from tests.bench import (
    burst,
    centre,
    delivery,
    detector,
    gestures,
    growth,
    imports,
    latency,
    press,
    replay,
    screen,
    simulator,
    tune,
)
from tests.places import REPO
from tests.worlds import Site, make_site

PRESSES = 60
_LEAST_COLUMNS = 128
SEEDS = (1, 2, 3)

# Name: (limit, True when the figure must be at most the limit). The limits of the design.
LIMITS: dict[str, tuple[float, bool]] = {
    "detector.viper_over_bytecode": (10.0, False),
    "detector.numba_over_cpython": (50.0, False),
    "detector.numba_ns_per_sample": (10.0, True),
    "detector.alloc_bytes_per_block": (0.0, True),
    "sim.fast_realtime_factor": (300.0, False),
    "burst.last_receipt_over_last_puback": (3.0, True),
    "burst.receipt_p99_s": (5.0, True),
    # None twice.
    "burst.handed_over": (1.0, True),
    # R18: 30 s.
    "centre.ack_p95_s": (10.0, True),
    "console.screen_p99_s": (1.0, True),
    "console.sound_worst_s": (1.0, True),
    "console.log_ins_receipt_p99_s": (5.0, True),
    "growth.start_s": (5.0, True),
    "growth.postgresql.start_s": (5.0, True),
    "growth.list_s": (0.2, True),
    "growth.postgresql.list_s": (0.2, True),
    "growth.search_s": (0.2, True),
    "growth.postgresql.search_s": (0.2, True),
    "growth.last_s": (0.2, True),
    "growth.postgresql.last_s": (0.2, True),
    "latency.warm_ms": (1000.0, True),
    "latency.cold_ms": (5000.0, True),
    "delivery.lte_m_p50_s": (4.0, True),
    "delivery.lte_m_p95_s": (10.0, True),
    "delivery.lte_m_p99_s": (30.0, True),
    "delivery.wlan_p95_s": (2.0, True),
    "delivery.ble_p95_beyond_ble_after_s": (5.0, True),
    "press.durable_ms_worst_quiet": (100.0, True),
    "press.durable_ms_worst": (250.0, True),
    "gesture.durable_ms_worst_quiet": (100.0, True),
    "gesture.durable_ms_worst": (250.0, True),
    "energy.battery_hours": (72.0, False),
    "energy.shift_mean_ma": (6.0, True),
    # R12: also with everything that is in doubt at its worst.
    "energy.battery_hours_worst": (12.0, False),
    "replay.msamples_per_s_recorded": (30.0, False),
    "import.day_seconds": (10.0, True),
    "import.day_peak_mb": (500.0, True),
    "replay.all_s": (15.0, True),
    "replay.peak_gib": (1.0, True),
    "tune.thousand_s": (300.0, True),
    "tune.peak_gib": (1.0, True),
}
# What a figure is, where its name cannot say it.
NOTES: dict[str, str] = {
    "burst.last_receipt_over_last_puback": "1,000 alarms of 150 badges at once, worst of 5",
    "burst.receipt_p99_s": "the same",
    "burst.handed_over": "transmissions an alarm",
    "centre.ack_p95_s": "press to the alarm centre's ACK, 40 presses, LTE at 200 and 600 ms",
    "delivery.lte_m_p50_s": f"press to receipt, {delivery.SEEDS} lives, seeds from 0 on",
    "bytes.lte_m_opening": "with headers of TCP and IP: TLS with both certificates, MQTT, hello",
    "bytes.lte_m_heartbeat": "a PINGREQ and its answer",
    "bytes.lte_m_alarm": "alarm, PUBACK, receipt",
    "bytes.lte_m_day": "one session, a heartbeat each 300 s",
    "bytes.ble_alarm": "what is fetched and written; beacons of 25 bytes are not in it",
    "bytes.sms_alarm": "characters of two messages, one each way",
    "energy.shift_mean_ma": "a shift of 12 h with one alarm, default settings",
    "console.screen_p99_s": "49 pages and one Chromium, 10 alarms a second",
    "console.receipt_p99_s": "of the same alarms: the commit, and the way to the badge",
    "console.log_ins_receipt_p99_s": "while 1,000 passwords are tried, 50 at once",
    "growth.start_s": "100,000 incidents, a million messages; of the database",
    "growth.memory_mb": "what 200 alarms and 200 rounds of removing add",
    "import.day_seconds": "a table of 24 h at 104 Hz; by the wall clock",
    "import.day_cpu_seconds": "the same, of one core",
    "replay.msamples_per_s": "one core, whole detector, made-up recordings",
    "replay.msamples_per_s_recorded": "one core, whole detector, every recording",
    "replay.over_numpy": "NumPy leaves the verifier out: a lower bound",
    "replay.over_cpython": "the same kernel in CPython",
    "replay.all_s": "every recording, one process, load included",
    "tune.thousand_s": "1,000 trials, 2 cores; --thousand runs them all",
    "tune.trials_measured": "of the 1,000; the rest is extrapolated",
}


def kernel(_site: Site, _folder: Path) -> dict[str, float]:
    """The five engines of the kernel, and its LX7 instructions."""
    found = dict(detector.figures())
    found["detector.viper_over_bytecode"] = (
        found["detector.bytecode_ns_per_sample"] / found["detector.viper_ns_per_sample"]
    )
    found["detector.numba_over_cpython"] = (
        found["detector.cpython_ns_per_sample"] / found["detector.numba_ns_per_sample"]
    )
    return found


def speed(site: Site, folder: Path) -> dict[str, float]:
    """Fast mode against real time."""
    return {"sim.fast_realtime_factor": simulator.realtime_factor(site, folder, 60)}


def squeezes(site: Site, folder: Path) -> dict[str, float]:
    """Press to durable, in virtual time."""
    quiet = press.squeezes(site, folder / "quiet", PRESSES // 4, stalls=False)
    busy = [
        press.squeezes(site, folder / f"busy-{seed}", PRESSES, stalls=True, seed=seed)
        for seed in SEEDS
    ]
    return {
        "press.durable_ms_worst_quiet": quiet.worst_ms,
        "press.durable_ms_worst": max(run.worst_ms for run in busy),
    }


def other_gestures(site: Site, folder: Path) -> dict[str, float]:
    """Gesture to durable, in virtual time."""
    return {
        # The clock of the log has whole milliseconds, and a turn of another task may take one:
        # which of them meets it is chance, so one seed alone tells two versions apart by nothing.
        "gesture.durable_ms_worst_quiet": max(
            gestures.worst_ms(site, folder / f"quiet-{seed}", stalls=False, seed=seed)
            for seed in SEEDS
        ),
        "gesture.durable_ms_worst": max(
            gestures.worst_ms(site, folder / f"busy-{seed}", stalls=True, seed=seed)
            for seed in SEEDS
        ),
    }


def receipts(_site: Site, folder: Path) -> dict[str, float]:
    """Press to receipt, by the wall clock."""
    found = latency.latencies_ms(folder)
    return {f"latency.{name}_ms": ms for name, ms in found.items()}


def deliveries(site: Site, folder: Path) -> dict[str, float]:
    """Press to receipt by LTE-M, WLAN and BLE, and bytes, in virtual time."""
    return delivery.figures(site, folder)


def centres(_site: Site, folder: Path) -> dict[str, float]:
    """Press to the alarm centre's ACK, by the wall clock."""
    return centre.figures(folder)


def bursts(_site: Site, folder: Path) -> dict[str, float]:
    """A thousand alarms at once at the receiver."""
    return burst.figures(folder)


def screens(_site: Site, folder: Path) -> dict[str, float]:
    """Alarm to screen and sound, and alarms while passwords are guessed."""
    found = screen.figures(folder / "screen")
    return found | screen.log_in_figures(folder / "guesses")


def years(_site: Site, folder: Path) -> dict[str, float]:
    """The receiver's database after years."""
    return growth.figures(folder)


def day(_site: Site, _folder: Path) -> dict[str, float]:
    """An hour of a shift with the default settings, in virtual time."""
    return energy.shift(hours=1.0).figures()


def whole_shift(_site: Site, _folder: Path) -> dict[str, float]:
    """Twelve hours with one alarm, in which the keep-alive has been learned."""
    return {"energy.shift_mean_ma": energy.shift(alarms=1).mean_ma}


def replays(_site: Site, _folder: Path) -> dict[str, float]:
    """The whole detector on recordings: speed, time of a replay of all, memory."""
    return replay.figures()


def imported(_site: Site, folder: Path) -> dict[str, float]:
    """A recording of a day, as a table, becomes a bundle."""
    return imports.figures(folder)


def tunings(_site: Site, _folder: Path) -> dict[str, float]:
    """Trials of a tuning on all recordings."""
    return tune.figures()


PARTS: dict[str, Callable[[Site, Path], dict[str, float]]] = {
    "kernel": kernel,
    "speed": speed,
    "squeezes": squeezes,
    "gestures": other_gestures,
    "receipts": receipts,
    "deliveries": deliveries,
    "centres": centres,
    "bursts": bursts,
    "screens": screens,
    "growth": years,
    "energy": day,
    "shift": whole_shift,
    "imports": imported,
    "replays": replays,
    "tunings": tunings,
}


def main() -> int:
    """Run the parts, print a table, write the file; 1 when a figure misses its limit."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--thousand", action="store_true", help="run all 1,000 tuning trials")
    parser.add_argument("--out", type=Path, default=REPO / "build" / "bench.json")
    options = parser.parse_args()
    console = Console(emoji=False, width=max(_LEAST_COLUMNS, Console(emoji=False).width))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="nabij-bench-") as name:
        site = make_site(Path(name))
        for part in options.parts or PARTS:
            with console.status(f"measuring {part}"):
                figures |= PARTS[part](site, Path(name) / part)
        if options.thousand:
            figures |= tune.whole()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    missed = _print(console, figures)
    console.print(f"Written to {options.out}")
    return 1 if missed else 0


def _print(console: Console, figures: dict[str, float]) -> int:
    table = Table()
    table.add_column("figure", no_wrap=True)
    for column in ("measured", "limit"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("what it is")
    missed = 0
    for name, value in sorted(figures.items()):
        limit, at_most = LIMITS.get(name, (None, True))
        verdict = ""
        if limit is not None:
            met = value <= limit if at_most else value >= limit
            missed += not met
            verdict = f"{'<=' if at_most else '>='} {limit:g}{'' if met else '  MISSED'}"
        table.add_row(name, f"{value:,.2f}", verdict, NOTES.get(name, ""))
    console.print(table)
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
