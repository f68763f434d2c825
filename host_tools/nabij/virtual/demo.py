"""`nabij demo`: a fall and a squeeze go through the real firmware and come back as receipts."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from rich.console import Console
from rich.table import Table

from badge.core import placement
from nabij import places
from nabij.centre.register.enrol import enrol
from nabij.data import traces
from nabij.errors import NabijError
from nabij.event_lines import LoggedEvent, parse_event
from nabij.hardware import boards, power
from nabij.virtual import body_model
from nabij.virtual.air import ways_of
from nabij.virtual.badge import Line, Scenario, Trace, VirtualBadge

BADGE: Final = "demo-01"
RTT_MS: Final = 200
SQUEEZE_MS: Final = 1700
SOS_HOLD_MS: Final = 1500
# Shorter than the shipped 20 s, so that the whole demonstration takes half a minute.
PRE_ALARM_MS: Final = 10_000
SETTINGS: Final = {"prealarm_ms": PRE_ALARM_MS}
# Of a board without a modem: a network without a password.
_NETWORK: Final = "ward="
MODEM: Final = {"rtt_ms": RTT_MS, "register_ms": 1500, "boot_ms": 1500}
# Of what is felt, the part that tells of an alarm: a pattern carries no key.
_OF_AN_ALARM: Final = ("PRE_ALARM", "RAISED", "RECEIVED", "NOT_DELIVERED", "TAKEN", "HELP_COMING")
LEAD_IN_S: Final = 6.0
BUNDLE: Final = "fallalld"
DEADLINE_S: Final = 50.0


@dataclass(frozen=True)
class Motion:
    """What the badge feels in the demonstration, and where it comes from."""

    origin: str
    samples: traces.Samples


def choose_motion(data: Path | None) -> Motion:
    """A recorded fall from a lanyard when the recordings are there, else the body model."""
    if data is not None and (data / BUNDLE / "index.csv").is_file():
        bundle = data / BUNDLE
        row = _first_neck_fall(bundle)
        recording = traces.load_row(bundle, row).at_badge_rate()
        return Motion(
            f"recorded fall {row['trial_id']} ({row['activity']}), badge on a lanyard",
            from_before_the_peak(recording.samples),
        )
    samples = body_model.Body().walk_fall_lie(walk_s=LEAD_IN_S)
    return Motion("body model (made, not recorded: no recordings were found)", samples)


def data_folder() -> Path | None:
    """The recordings; None without them."""
    folder = places.recordings()
    return folder if folder.is_dir() else None


def run(console: Console, board: str = power.REFERENCE_BOARD) -> None:
    """Run the demonstration to its end; NabijError when a step does not happen in time.

    A board that tells no falls is shown without one, and one without a modem sends by WLAN.
    """
    definition = boards.load(board)
    tells_falls = placement.FALL in placement.ABLE[definition.detector.placement]
    # By default SIGTERM skips every `with`: receiver, broker and badge would be left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="nabij-demo-") as name:
        folder = Path(name)
        trace = None
        if tells_falls:
            motion = choose_motion(data_folder())
            trace = traces.write_sim_trace(folder / "motion", motion.samples)
        port = free_port()
        provision = enrol(folder / "state", BADGE, host="localhost", port=port)
        has_modem = definition.modem.fitted
        settings = SETTINGS if has_modem else {**SETTINGS, "wlan_networks": _NETWORK}
        (provision / "config.json").write_text(json.dumps(settings))
        origin = motion.origin if trace else f"none: a {definition.form} claims no falls"
        console.print(f"[bold]Motion[/]    {origin}")
        console.print(
            f"[bold]Badge[/]     {BADGE}, {definition.name}: the firmware under MicroPython's "
            f"unix port, live, by {'LTE-M' if has_modem else 'WLAN'}, "
            f"network round trip {RTT_MS} ms, pre-alarm {PRE_ALARM_MS // 1000} s"
        )
        with _Receiver(folder / "state", port) as receiver:
            console.print(f"[bold]Receiver[/]  {receiver.ready}")
            scenario = Scenario(
                mode="live",
                board=board,
                provision=provision,
                modem=MODEM if has_modem else None,
                wlan=ways_of(definition, provision, RTT_MS).wlan,
                trace=Trace(_standing(folder)),
            )
            time_line = TimeLine(console, definition.buttons())
            with VirtualBadge(scenario, folder / "badge") as badge:
                _play(badge, time_line, trace)
            time_line.summary()
            _print_incidents(console, receiver.incidents(2 if trace else 1, timeout_s=5.0))


def _play(badge: VirtualBadge, time_line: "TimeLine", trace: Path | None) -> None:
    def until(done: Callable[[Line], bool], what: str) -> None:
        try:
            badge.wait_for(lambda line: time_line.hear(line) or done(line), DEADLINE_S)
        except NabijError as error:
            raise NabijError(f"The demonstration stopped before {what}. {error}") from error

    until(lambda line: _is(line, "shift.test"), "the badge had tested itself")
    if trace is not None:
        time_line.begin("Fall")
        badge.play(trace)
        until(lambda line: _is(line, "haptic", pattern="RECEIVED"), "the fall was received")
    time_line.begin("Squeeze")
    badge.press(SQUEEZE_MS)
    until(lambda line: _is(line, "haptic", pattern="RECEIVED"), "the squeeze was received")


def _is(line: Line, what: str, **fields: str) -> bool:
    event = parse_event(line.text)
    return (
        event is not None
        and event.what == what
        and all(event.fields.get(name) == value for name, value in fields.items())
    )


@dataclass
class _Chapter:
    title: str
    steps: list[tuple[str, float, str]] = field(default_factory=list)
    alarm: tuple[int, int] | None = None


class TimeLine:
    """The time line: each step once a chapter, on the badge's own clock, with its latency.

    A chapter follows one alarm by its key; tests and other messages of the badge are passed over.
    """

    def __init__(self, console: Console, buttons: int = 2) -> None:
        self._console = console
        self._held = "both hidden buttons are squeezed" if buttons > 1 else "the button is held"
        self._chapters: list[_Chapter] = []

    def begin(self, title: str) -> None:
        """What follows belongs to this chapter."""
        self._chapters.append(_Chapter(title))
        self._console.print(f"\n[bold]{title}[/]")

    def hear(self, line: Line) -> bool:
        """Take a line of the badge; always False, so that it can stand before an `or`."""
        event = parse_event(line.text)
        if event is not None:
            self._event(event)
        elif line.fact is not None and line.fact.get("sos") == "down":
            self._step("button down", float(line.fact["t_ms"]), self._held)
        return False

    def summary(self) -> None:
        """The latencies that matter, one row an alarm."""
        table = Table(title="\nLatencies", title_justify="left")
        for column in (
            "alarm",
            "raised -> durable",
            "durable -> sent",
            "sent -> receipt",
            "total",
        ):
            table.add_column(column, justify="left" if column == "alarm" else "right")
        for chapter in self._chapters:
            at = {name: ms for name, ms, _ in chapter.steps}
            raised = at["squeeze"] if "squeeze" in at else at["raised"]
            table.add_row(
                chapter.title,
                f"{at['durable'] - raised:.0f} ms",
                f"{at['sent'] - at['durable']:.0f} ms",
                f"{at['receipt'] - at['sent']:.0f} ms",
                f"{at['receipt'] - raised:.0f} ms",
            )
        self._console.print(table)

    def _event(self, event: LoggedEvent) -> None:
        if not self._chapters:
            if event.what in ("armed", "modem.ready", "link.up", "shift.test"):
                self._say(event.ticks_ms, event.what, _details(event))
            return
        if event.alarm is not None and not self._follows(event):
            return
        at_ms = float(event.ticks_ms)
        if event.what == "motion.impact":
            self._step("impact", at_ms - _since_impact_ms(event), "the largest so far")
        elif event.what == "motion.fall":
            self._step("rest", at_ms, "still and in another posture: judged a fall")
        elif event.what == "alarm.opened" and event.fields["state"] == "PRE_ALARM":
            self._step("pre-alarm", at_ms, "felt by the wearer; getting up would end it")
        elif event.what == "motion.confirmed":
            self._step("confirmed", at_ms, "still down")
        elif event.what == "alarm.durable" and event.fields["state"] == "RAISED":
            self._durable(event, at_ms)
        elif event.what == "alarm.sending":
            self._step("sent", at_ms, f"over TLS, attempt {event.fields['attempt']}")
        elif event.what == "alarm.status" and event.fields["state"] == "RECEIVED":
            self._step("receipt", at_ms, "authenticated, after the receiver's commit")
        elif event.what == "haptic" and event.fields["pattern"] in _OF_AN_ALARM:
            self._step(f"haptic {event.fields['pattern']}", at_ms, "felt by the wearer")

    def _follows(self, event: LoggedEvent) -> bool:
        """Whether the event is about this chapter's alarm: the first that began in it."""
        chapter = self._chapters[-1]
        begins = event.fields.get("state") in ("PRE_ALARM", "RAISED")
        if (
            chapter.alarm is None
            and begins
            and all(event.alarm != earlier.alarm for earlier in self._chapters)
        ):
            chapter.alarm = event.alarm
        return event.alarm == chapter.alarm

    def _durable(self, event: LoggedEvent, at_ms: float) -> None:
        took_ms = float(event.fields["took_ms"])
        down_ms = next((ms for name, ms, _ in self._steps if name == "button down"), None)
        if down_ms is None:
            self._step("raised", at_ms - took_ms, "the pre-alarm is over")
        else:
            self._step("squeeze", down_ms + SOS_HOLD_MS, f"held for {SOS_HOLD_MS} ms")
        self._step("durable", at_ms, "in flash, before anything is sent")

    @property
    def _steps(self) -> list[tuple[str, float, str]]:
        return self._chapters[-1].steps

    def _step(self, name: str, at_ms: float, note: str) -> None:
        steps = self._steps
        if name != "impact" and any(name == known for known, _, _ in steps):
            return
        since = f"+{at_ms - steps[-1][1]:.0f} ms" if steps else ""
        steps.append((name, at_ms, note))
        self._say(at_ms, name, note, since)

    def _say(self, at_ms: float, name: str, note: str, since: str = "") -> None:
        self._console.print(
            f"  {at_ms / 1000:8.3f} s  {since:>10}  {name:<22}{note}",
            highlight=False,
            soft_wrap=True,
        )


class _Receiver:
    """`nabij serve` as a process of its own, as an operator would start it."""

    def __init__(self, state: Path, port: int) -> None:
        self._command = [
            *(sys.executable, "-m", "nabij.cli", "serve"),
            *("--state", str(state), "--port", str(port), "--json"),
        ]
        self._incidents: list[dict[str, Any]] = []
        self._arrived = threading.Condition()
        self.ready = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for line in self._process.stderr or ():
            self.ready = line.strip()
            if self.ready.startswith("Ready"):
                break
        else:
            self._process.communicate()
            raise NabijError(f"The receiver did not start: {self.ready or 'it said nothing'}.")
        self._readers = [
            threading.Thread(target=target, daemon=True)
            for target in (self._read_incidents, self._read_sayings)
        ]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # The pipes end with the process, and are closed once nobody reads them any more.
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def incidents(self, count: int, timeout_s: float) -> list[dict[str, Any]]:
        """The incidents printed so far, once there are `count`; NabijError when there are not."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._incidents) >= count, timeout_s):
                raise NabijError(
                    f"The receiver printed {len(self._incidents)} incidents instead of {count}."
                )
            return list(self._incidents)

    def _read_incidents(self) -> None:
        for line in self._process.stdout or ():
            if not line.endswith("\n"):
                # Killed in the middle of it.
                return
            told = json.loads(line)
            if told["event"] != "incident" or told["test"]:
                continue
            with self._arrived:
                self._incidents.append(told)
                self._arrived.notify_all()

    def _read_sayings(self) -> None:
        # Read on, or a chatty receiver would block on a full pipe.
        for _ in self._process.stderr or ():
            pass


def _print_incidents(console: Console, incidents: list[dict[str, Any]]) -> None:
    table = Table(title="\nIncidents at the receiver, its tests left out", title_justify="left")
    for column in ("incident", "kind", "badge", "boot", "seq", "attempt", "peak", "tilt"):
        table.add_column(column)
    for one in incidents:
        peak, tilt = one["peak_mg"], one["tilt_deg"]
        table.add_row(
            *(str(one[name]) for name in ("id", "kind_name", "badge", "boot", "seq", "attempt")),
            "" if peak is None else f"{peak / 1000:.1f} g",
            "" if tilt is None else f"{tilt} deg",
        )
    console.print(table)


def _details(event: LoggedEvent) -> str:
    return " ".join(f"{name}={value}" for name, value in event.fields.items())


def _since_impact_ms(event: LoggedEvent) -> float:
    return float(event.fields.get("since_impact_ms", 0))


def _first_neck_fall(bundle: Path) -> dict[str, str]:
    for row in traces.index(bundle):
        if row["placement"] == "neck" and row["is_fall"] == "1":
            return row
    raise NabijError(f"{bundle} holds no fall recorded at the neck: choose other recordings.")


def from_before_the_peak(samples: traces.Samples) -> traces.Samples:
    """The samples from LEAD_IN_S before their largest."""
    magnitude = np.linalg.norm(samples.astype(float), axis=1)
    first = int(np.argmax(magnitude)) - round(LEAD_IN_S * traces.BADGE_RATE_HZ)
    return samples[max(0, first) :]


def _standing(folder: Path) -> Path:
    return traces.write_sim_trace(folder / "standing", body_model.Body().standing(2.0))


def free_port() -> int:
    """A port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
