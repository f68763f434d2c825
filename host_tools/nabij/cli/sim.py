"""`nabij sim`: a live virtual badge in the terminal; what is typed is done to it."""

import contextlib
import difflib
import hashlib
import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from nabij import extras
from nabij.cli.board_of import definition_of
from nabij.cli.options import Board, TcpPort, option
from nabij.cli.output import tell
from nabij.errors import NabijError, UsageError, exit_code_of
from nabij.paths import default_state
from nabij.usb.build import DEFAULT_BOARD
from nabij.virtual import deeds

if TYPE_CHECKING:
    from nabij.detector.sampling import Samples
    from nabij.virtual.scenario import Fact, Scenario

_A_DAY_S: Final = 86_400.0
_LOOK_S: Final = 0.1
_ALL_WORDS: Final = tuple(name for name in deeds.WORDS if name)

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij sim --usb ./badge-port")
def sim(
    *,
    provision: Annotated[
        Path | None,
        typer.Argument(
            help="Folder that `nabij enrol` wrote for the badge; may be left out with --usb.",
            file_okay=False,
        ),
    ] = None,
    usb: Annotated[
        Path | None,
        typer.Option("--usb", help="Give it a USB port of this name, for the other verbs."),
    ] = None,
    blank: Annotated[
        bool, typer.Option("--blank", help="With --usb: MicroPython only, for `nabij flash`.")
    ] = False,
    motion: Annotated[
        Path | None,
        typer.Option(
            "--motion",
            help="Recording to feel: .npz, or a table as `nabij data import csv` takes.",
            dir_okay=False,
        ),
    ] = None,
    rate_hz: Annotated[float | None, option("--source-rate", min=10, max=2000)] = None,
    board: Board = DEFAULT_BOARD,
    rtt_ms: Annotated[int, typer.Option("--rtt", min=0, help="Network round trip, ms.")] = 200,
    facts: Annotated[
        bool, typer.Option("--facts", help="Show what the world sees too: flash, motor, modem.")
    ] = False,
    count: Annotated[
        int | None,
        typer.Option(
            "--fleet", min=1, max=99_999, help="So many light badges in place of a virtual one."
        ),
    ] = None,
    state: Annotated[
        Path | None, option("--state", more="with --fleet, whose badges they become")
    ] = None,
    port: TcpPort = 8883,
) -> None:
    """Run a virtual badge against a receiver on this machine: Enter squeezes, Ctrl-C ends.

    Typed before Enter: tap (the left button), tap right, cancel (the left button twice), duress
    (the right one), hold, tear and mend (the lanyard), plug and unplug (the charger), cover (the
    antenna, for two minutes), battery 12 (percent); or do and any verb of docs/simulator.md:
    do i2c_fault kind=nak for_ms=500.

    With --usb it can be provisioned, examined, set, updated and read as a badge on a cable can:
    `nabij sim --usb ./badge-port`, then in another terminal `nabij devices ./badge-port`.
    """
    from nabij.data.traces import write_sim_trace
    from nabij.virtual import air
    from nabij.virtual.scenario import Scenario, Trace

    if count is not None:
        is_other = board != DEFAULT_BOARD
        alone = not (provision or usb or blank or motion or rate_hz or facts or is_other)
        _run_fleet(count, state, port, alone=alone)
        return
    if state is not None:
        raise UsageError("--state is for a --fleet: give that too, or the folder of one badge.")
    _check(provision, usb, blank=blank)
    ways = air.ways_of(definition_of(board), provision, rtt_ms)
    trace = None
    samples = None if motion is None else _felt(motion, rate_hz)
    with tempfile.TemporaryDirectory(prefix="nabij-sim-") as folder:
        if samples is not None:
            trace = Trace(write_sim_trace(Path(folder) / "motion", samples))
        scenario = Scenario(
            mode="live",
            provision=provision,
            board=board,
            modem=ways.modem,
            wlan=ways.wlan,
            trace=trace,
            app="flash" if blank else "repo",
            serial=_serial_of(usb or provision),
        )
        # A script's background jobs ignore SIGINT, and by default SIGTERM skips every `with`:
        # either would leave the badge behind.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        _hint()
        if ways.network is not None:
            tell(f"The WLAN in reach is {ways.network}.")
        try:
            if usb is None:
                _run(scenario, facts=facts)
            else:
                _run_on_usb(scenario, usb, facts=facts)
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)


def _run_fleet(count: int, state: Path | None, port: int, *, alone: bool) -> None:
    from nabij.cli.fleet_of import run_fleet

    if not alone:
        raise UsageError(
            "A --fleet takes --state, the folder of a receiver that runs here, and --port: leave "
            "out what is for one virtual badge."
        )
    with contextlib.suppress(KeyboardInterrupt):
        run_fleet(count, state or default_state(), port)
    tell("Stopped.")


def _hint() -> None:
    """To a person, what may be typed; a script knows."""
    if sys.stdin.isatty():
        words = ", ".join(_ALL_WORDS)
        tell(f"Enter squeezes; type {words} or battery 12 before it. Ctrl-C ends.")


def _felt(motion: Path, rate_hz: float | None) -> "Samples":
    """The samples of a recording as the badge takes them; says what a table was taken for."""
    from nabij.cli.taken import taken_lines
    from nabij.data.traces import load_file

    try:
        recording = load_file(motion, rate_hz)
    except ModuleNotFoundError as error:
        # Not the simulator's: what reads tables.
        raise extras.lacking(error) from error
    if recording.taken is not None:
        for line in taken_lines([(motion.name, recording.taken)]):
            typer.echo(line)
    for note in recording.notes:
        tell(note)
    return recording.at_badge_rate().samples


def _serial_of(place: Path | None) -> str:
    """A number of its own for each virtual badge: the same for the same port or folder."""
    return hashlib.sha256(str(place and place.absolute()).encode()).hexdigest()[:12]


def _check(provision: Path | None, usb: Path | None, *, blank: bool) -> None:
    if blank and usb is None:
        raise UsageError("--blank is a badge to flash over USB: add --usb PORT.")
    if provision is None and usb is None:
        raise UsageError(
            "Give the folder that `nabij enrol` wrote for the badge, or --usb PORT for a badge "
            "that `nabij provision` is to give its identity."
        )
    if blank and provision is not None:
        raise UsageError("A blank badge has no identity yet: leave the folder or --blank out.")
    if provision is not None and not (provision / "identity.json").is_file():
        raise UsageError(
            f"{provision} holds no identity.json: give the folder that `nabij enrol` wrote."
        )
    if usb is not None and usb.exists() and not usb.is_symlink():
        raise UsageError(f"{usb} is there already: give --usb a name that is free.")


def _run(scenario: "Scenario", *, facts: bool) -> None:
    from nabij.virtual.badge import VirtualBadge

    refusals = Refusals()
    with VirtualBadge(scenario) as badge:
        _obey_what_is_typed(badge.send)
        for line in badge.lines(_A_DAY_S):
            refusals.hear(line.fact)
            if line.fact is None or facts:
                typer.echo(line.text)


def _run_on_usb(scenario: "Scenario", usb: Path, *, facts: bool) -> None:
    from nabij.virtual.usb_badge import VirtualUsbBadge

    with VirtualUsbBadge(scenario) as badge, _named(usb, badge.port):
        typer.echo(
            f"The badge id:{scenario.serial} is on {usb}: try `nabij devices {usb}` in another "
            "terminal."
        )
        _obey_what_is_typed(badge.send)
        heard = seen = 0
        refusals = Refusals()
        while badge.running:
            console = badge.console
            # The last line may not be whole yet.
            end = console.rfind("\n") + 1
            for line in console[heard:end].splitlines():
                # What clients and the prompt say to each other is not for reading.
                if line.startswith("# "):
                    typer.echo(line)
            heard = max(heard, end)
            for fact in badge.facts[seen:]:
                seen += 1
                refusals.hear(fact)
                if facts:
                    typer.echo(f"@ {json.dumps(fact)}")
            time.sleep(_LOOK_S)


class Refusals:
    """Says what the simulator refuses: each verb that was typed, and each host once."""

    def __init__(self, say: Callable[[str], None] = tell) -> None:
        self._say = say
        self._hosts: set[str] = set()

    def hear(self, fact: "Fact | None") -> None:
        """Tell a person of it when this fact is a refusal."""
        from nabij.virtual.badge import host_refused_in, refusal_in

        if (refusal := refusal_in(fact)) is not None:
            self._say(refusal)
        host = host_refused_in(fact)
        if host is not None and host not in self._hosts:
            self._hosts.add(host)
            self._say(
                f"The badge calls {host}, and a virtual badge reaches nothing but this machine: "
                "give it --host localhost (or 127.0.0.1) at `nabij provision` or `nabij enrol`."
            )


@contextlib.contextmanager
def _named(usb: Path, port: str) -> Iterator[None]:
    try:
        usb.unlink(missing_ok=True)
        usb.symlink_to(port)
    except OSError as error:
        raise NabijError(
            f"Cannot make {usb} ({error.strerror}): give --usb a name in a folder of yours.",
            exit_code_of(error),
        ) from error
    try:
        yield
    finally:
        usb.unlink(missing_ok=True)


def _obey_what_is_typed(send: Callable[[dict[str, Any]], None]) -> None:
    threading.Thread(target=_obey, args=(send,), daemon=True).start()


def _obey(send: Callable[[dict[str, Any]], None]) -> None:
    for line in sys.stdin:
        # By the badge's own clock: on a busy machine this thread would part two taps too much.
        in_s = 0.0
        try:
            for verb, pause_s in steps_of(line):
                send({**verb, "in_ms": in_s * 1000})
                in_s += pause_s
        except NabijError as error:
            typer.echo(str(error), err=True)
        time.sleep(in_s)


def steps_of(line: str) -> list[deeds.Step]:
    """What a typed line does to the badge: verbs, each with the seconds until the next."""
    text = " ".join(line.split())
    if text in deeds.WORDS:
        return deeds.WORDS[text]
    word, _, rest = text.partition(" ")
    if word == "battery" and rest.isdecimal() and int(rest) <= 100:
        return deeds.battery(int(rest))
    if word == "do" and rest:
        return [(_verb_of(*rest.split(" ")), 0.0)]
    [near] = difflib.get_close_matches(text, [*_ALL_WORDS, "battery 12"], n=1, cutoff=0.0)
    raise NabijError(
        f"{text!r} says nothing to this badge: did you mean {near!r}? Press Enter alone to "
        f"squeeze, or type {', '.join(_ALL_WORDS)}, battery 12, or do and a verb."
    )


def _verb_of(verb: str, *arguments: str) -> dict[str, Any]:
    """{"do": verb, name: value, ..} of `verb name=value ..`; the simulator knows them."""
    done: dict[str, Any] = {"do": verb}
    for argument in arguments:
        name, mark, text = argument.partition("=")
        if not (name and mark):
            raise NabijError(f"{argument!r} is no argument of a verb: write name=value.")
        try:
            done[name] = json.loads(text)
        except ValueError:
            done[name] = text
    return done
