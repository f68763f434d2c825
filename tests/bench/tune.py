"""How long a tuning takes: trials on every bundle there is, and what 1,000 on 2 cores come to."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nabij import places
from tests.places import REPO

BATCHES = 3
TRIALS = 1000
CORES = 2
# A process of its own, and its own CPU time: on a shared machine the clock says little.
_WHOLE = """
import json, resource, sys, time
from pathlib import Path
from nabij.replay import run as replaying
from nabij.tune import fan_out, dataset, recordings, search, study

journal, batches, *bundles = sys.argv[1:]
started, cpu = time.perf_counter(), time.process_time()
loaded = replaying.load([Path(one) for one in bundles], replaying.silent)
made = dataset.prepare(loaded, "neck", replaying.silent, copies=recordings.Copies(), seed=1)
ready_cpu = time.process_time() - cpu
ready = time.perf_counter() - started
kept = study.open_study(Path(journal), {})
fits_cpu = 0.0
count = 0
with fan_out.running(made.lesson, 1, None) as run:
    def timed(jobs):
        global fits_cpu, count
        begun_cpu = time.process_time()
        done = run(jobs)
        fits_cpu += time.process_time() - begun_cpu
        count += len(jobs)
        return done
    # The first compiles.
    first = {name: some[0] for name, some in search.SHAPE.items()}
    run(search.jobs(search.hyperparameters(first, made.lesson, 1), made.lesson)[:1])
    begun, begun_cpu = time.perf_counter(), time.process_time()
    for k in range(int(batches)):
        study.seed_batch(kept, 1, search.complete(kept))
        search.run_batch(kept, made, timed, 1)
    all_s, all_cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
print(json.dumps({
    "trials": int(batches) * search.BATCH,
    "ready_s": ready, "ready_cpu_s": ready_cpu,
    "fit_cpu_s": fits_cpu, "fits": count,
    "serial_cpu_s": all_cpu - fits_cpu, "all_s": all_s,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
}))
"""


def whole() -> dict[str, float]:
    """Return the time that `nabij tune` takes for 1,000 trials on every bundle, on two cores."""
    bundles = _bundles()
    if not bundles:
        return {}
    with tempfile.TemporaryDirectory(prefix="nabij-bench-") as name:
        command = [sys.executable, "-c", "from nabij.cli.app import app; app()", "tune", *bundles]
        command += ["-o", str(Path(name) / "made.toml"), "--trials", str(TRIALS)]
        begun = time.perf_counter()
        command += ["--workers", str(CORES)]
        subprocess.run(command, check=True, cwd=REPO, stdout=subprocess.DEVNULL)
        return {
            "tune.thousand_s": round(time.perf_counter() - begun, 1),
            "tune.trials_measured": float(TRIALS),
        }


def figures() -> dict[str, float]:
    """Return the figures by name; none where there are no recordings.

    `tune.thousand_s` is an extrapolation from `tune.trials_measured`: loading, the sampler (its
    cost grows with the trials, measured over 1,000 of them) and the fits, on two idle cores.
    """
    bundles = _bundles()
    if not bundles:
        return {}
    with tempfile.TemporaryDirectory(prefix="nabij-bench-") as name:
        command = [sys.executable, "-c", _WHOLE, str(Path(name) / "study"), str(BATCHES)]
        done = subprocess.run(
            [*command, *bundles], capture_output=True, check=True, text=True, cwd=REPO
        )
        sampler_s = _sampler_s(Path(name) / "sampler")
    found: dict[str, float] = json.loads(done.stdout)
    scale = TRIALS / found["trials"]
    thousand_s = found["ready_cpu_s"] + sampler_s + found["fit_cpu_s"] * scale / CORES
    # Beside the sampler: deciding again with other limits.
    thousand_s += max(0.0, found["serial_cpu_s"] * scale - sampler_s)
    return {
        "tune.fit_ms": round(1000 * found["fit_cpu_s"] / found["fits"], 1),
        "tune.trial_cpu_ms": round(
            1000 * (found["fit_cpu_s"] + found["serial_cpu_s"]) / found["trials"], 1
        ),
        "tune.trial_wall_ms_one_process": round(1000 * found["all_s"] / found["trials"], 1),
        "tune.sampler_thousand_s": round(sampler_s, 1),
        "tune.ready_cpu_s": round(found["ready_cpu_s"], 1),
        "tune.thousand_s": round(thousand_s, 1),
        "tune.trials_measured": found["trials"],
        "tune.peak_gib": round(found["peak"] / 2**20, 2),
    }


def _bundles() -> list[str]:
    data = places.recordings()
    return [str(one.parent) for one in sorted(data.glob("*/index.csv"))]


def _sampler_s(journal: Path) -> float:
    """Return the CPU time that asking and telling 1,000 trials takes, without fits."""
    from nabij.tune import search, study

    kept = study.open_study(journal, {})
    begun = time.process_time()
    while (told := search.complete(kept)) < TRIALS:
        study.seed_batch(kept, 1, told)
        for trial in search.ask_batch(kept):
            # Any two aims at odds do.
            steps = trial.params["fall_limit"] + trial.params["down_limit"]
            kept.tell(trial, (-float(steps), -float(steps) * trial.params["crowd"]))
    return time.process_time() - begun


if __name__ == "__main__":
    print(json.dumps(figures(), indent=2))
