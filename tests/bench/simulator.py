"""How much faster than real time fast mode runs the whole firmware."""

from pathlib import Path

from nabij.data.traces import write_sim_trace
from nabij.virtual.badge import Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.worlds import Site


def realtime_factor(site: Site, folder: Path, minutes: int) -> float:
    """Badge time over host time: all tasks, link up, walking at 104 Hz through the FIFO."""
    folder.mkdir(parents=True, exist_ok=True)
    walk = write_sim_trace(folder / "walk", Body().walking(60.0))
    scenario = Scenario(
        duration_ms=minutes * 60_000,
        provision=site.provision,
        modem=site.modem(),
        trace=Trace(walk, after="loop"),
    )
    run = run_fast(scenario, folder=folder, timeout_s=600)
    ended = run.facts[-1]
    if ended.get("end") != 0:
        raise ValueError(f"the run did not reach its end: {ended}")
    return float(ended["realtime_factor"])
