"""`nabij sim`: a live virtual badge in the terminal; Enter squeezes its button."""

import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from nabij import traces
from nabij.errors import NabijError
from nabij.virtual import Scenario, Trace, VirtualBadge

_SQUEEZE_MS = 1700
_A_DAY_S = 86_400.0


def sim(
    provision: Annotated[
        Path,
        typer.Argument(help="Folder that `nabij enrol` wrote for the badge.", file_okay=False),
    ],
    motion: Annotated[
        Path | None,
        typer.Option(
            "--motion", help="Recording to feel, .npz or .csv in milli-g.", dir_okay=False
        ),
    ] = None,
    rate_hz: Annotated[
        float | None, typer.Option("--rate", help="Its rate in Hz, when the file does not say.")
    ] = None,
    rtt_ms: Annotated[int, typer.Option("--rtt", min=0, help="Network round trip, ms.")] = 200,
    facts: Annotated[
        bool, typer.Option("--facts", help="Show what the world sees too: flash, motor, modem.")
    ] = False,
) -> None:
    """Run a virtual badge against a receiver on this machine: Enter squeezes, Ctrl-C ends."""
    if not (provision / "identity.json").is_file():
        raise NabijError(
            f"{provision} holds no identity.json: give the folder that `nabij enrol` wrote."
        )
    trace = recording = None
    if motion is not None:
        recording = traces.load_file(motion, rate_hz).at_badge_rate()
    with tempfile.TemporaryDirectory(prefix="nabij-sim-") as folder:
        if recording is not None:
            trace = Trace(traces.write_sim_trace(Path(folder) / "motion", recording.samples))
        _run(
            Scenario(mode="live", provision=provision, modem={"rtt_ms": rtt_ms}, trace=trace),
            facts=facts,
        )


def _run(scenario: Scenario, *, facts: bool) -> None:
    # By default SIGTERM skips every `with`, and the badge would be left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with VirtualBadge(scenario) as badge:
        threading.Thread(target=_squeeze_on_enter, args=(badge,), daemon=True).start()
        try:
            for line in badge.lines(_A_DAY_S):
                if line.fact is None or facts:
                    typer.echo(line.text)
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)


def _squeeze_on_enter(badge: VirtualBadge) -> None:
    for _ in sys.stdin:
        badge.press(_SQUEEZE_MS)
        time.sleep(_SQUEEZE_MS / 1000)
