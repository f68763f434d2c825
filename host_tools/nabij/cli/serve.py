"""`nabij serve`: the receiver, until it is stopped."""

import contextlib
import ipaddress
import json
import queue
import re
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from nabij.carried import is_gateway
from nabij.cli import beside_alarms
from nabij.cli.closed_pipe import reader_is_gone
from nabij.cli.options import Addresses, Json, State, TcpPort, option
from nabij.cli.output import json_line, tell
from nabij.errors import UsageError
from nabij.paths import default_state

if TYPE_CHECKING:
    from nabij.centre.service import Receiver

_LOOK_S: Final = 0.5
# Port, host, address and more addresses of a broker that nobody said anything about.
_OWN: Final = (8883, None, "127.0.0.1", None)
_UNREAD: Final = "nobody reads the output; what happened is printed at the next start"

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij serve --state ./receiver --host alarm.example.org")
def serve(
    *,
    state: State,
    port: TcpPort = 8883,
    host: Annotated[
        str | None,
        option("--host"),
    ] = None,
    also_at: Addresses = None,
    listen: Annotated[str, option("--listen")] = "127.0.0.1",
    keep_days: Annotated[
        int,
        typer.Option(
            "--keep-days",
            min=35,
            help="Days to keep repeated transmissions and what came to nothing; incidents stay.",
        ),
    ] = 90,
    quiet_min: Annotated[
        int,
        typer.Option(
            "--quiet-min",
            help="Minutes that a badge on shift may be away: 1 to 22; more where coverage is bad.",
        ),
    ] = 15,
    quota: Annotated[
        int | None,
        typer.Option(
            "--quota",
            min=1,
            help="Alarms of a badge in 10 min; more are folded into an open one. 20 if left out.",
        ),
    ] = None,
    quota_technical: Annotated[
        int | None,
        typer.Option(
            "--quota-technical", min=1, help="The same of technical messages; 2 if left out."
        ),
    ] = None,
    quota_tests: Annotated[
        int | None,
        typer.Option("--quota-tests", min=1, help="The same of tests; 20 if left out."),
    ] = None,
    reserve_mb: Annotated[
        int | None,
        typer.Option(
            "--reserve-mb",
            min=0,
            help="MB of the disk to keep for alarms, given up when it is full; 64 if left out.",
        ),
    ] = None,
    health_port: Annotated[
        int | None,
        typer.Option(
            "--health-port",
            min=1,
            max=65535,
            help="Answer on this port of this machine how the receiver is: GET /health.",
        ),
    ] = None,
    ping_url: Annotated[
        str | None,
        typer.Option(
            "--ping-url",
            help="Address that is asked for each minute while alarms arrive, as healthchecks has.",
        ),
    ] = None,
    answer_port: Annotated[
        int | None,
        typer.Option(
            "--answer-port",
            min=1,
            max=65535,
            help="Take answers by link on this port of this machine, behind a web server.",
        ),
    ] = None,
    database: Annotated[
        str | None,
        option(
            "--database",
            more="remembered. Without: a file",
            envvar="NABIJ_DATABASE",
            metavar="URL",
        ),
    ] = None,
    nats: Annotated[
        str | None,
        typer.Option(
            "--nats",
            metavar="tls://A,B,C",
            help="Brokers that run by themselves and that several receivers share; no own one.",
        ),
    ] = None,
    pki: Annotated[
        Path | None,
        typer.Option(
            "--pki", help="Folder of what these let a receiver in with; else that of --state."
        ),
    ] = None,
    console: Annotated[
        str | None,
        typer.Option(
            "--console",
            metavar="HOST:PORT",
            help="Serve the console there, for people at the centre; without: none is served.",
        ),
    ] = None,
    console_cert: Annotated[
        Path | None,
        typer.Option(
            "--console-cert",
            help="Certificate (PEM) of the console; without: of the receiver's own authority.",
        ),
    ] = None,
    console_key: Annotated[
        Path | None,
        typer.Option("--console-key", help="The private key of --console-cert (PEM)."),
    ] = None,
    keeper: Annotated[
        Path | None,
        typer.Option(
            "--keeper",
            help="Socket of `nabij keeper run`, which seals where people are outside alarms.",
        ),
    ] = None,
    sms_listen: Annotated[
        str | None,
        typer.Option(
            "--sms-listen",
            metavar="HOST:PORT",
            help="Take text messages there that services post; see `nabij sms`.",
        ),
    ] = None,
    sms_cert: Annotated[
        Path | None,
        typer.Option(
            "--sms-cert", help="Certificate (PEM) of --sms-listen; without: behind a proxy here."
        ),
    ] = None,
    sms_key: Annotated[
        Path | None,
        typer.Option("--sms-key", help="The private key of --sms-cert (PEM)."),
    ] = None,
    sms_modem: Annotated[
        str | None,
        typer.Option(
            "--sms-modem",
            metavar="PORT",
            help="Take text messages by the modem on this serial port, and send by it.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Receive alarms: start the broker, keep each alarm once, send the receipt, print it.

    Runs until Ctrl-C or SIGTERM; SIGHUP has it read its certificates again. With --json each
    incident, and each change after it, is one object on a line of its own.
    """
    hangups = _hangups()
    from nabij.centre.database.events import TERMINAL
    from nabij.centre.health.disk import MB, RESERVE_BYTES
    from nabij.centre.incidents.incident import Incident
    from nabij.centre.incidents.merge import What
    from nabij.centre.incidents.news import News
    from nabij.centre.incidents.quotas import Quotas
    from nabij.centre.service import Receiver

    _check_address(listen)
    served_at = beside_alarms.console_address(console, console_cert, console_key)
    sms_at = beside_alarms.sms_address(sms_listen, sms_cert, sms_key)
    brokers = _brokers(nats, pki, is_own=(port, host, listen, also_at) == _OWN)

    # Printing may block (a paused terminal) and must then not hold up the taking of alarms.
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    printing, is_ready = threading.Lock(), threading.Event()

    def stop(_number: int, _frame: object) -> None:
        lines.put(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    receiver = Receiver(
        state,
        port=port,
        host=host,
        addresses=also_at or (),
        listen=listen,
        keep_days=keep_days,
        quiet_min=quiet_min,
        quotas=Quotas.given(alarms=quota, technical=quota_technical, tests=quota_tests),
        reserve_bytes=RESERVE_BYTES if reserve_mb is None else reserve_mb * MB,
        health_port=health_port,
        ping_url=ping_url,
        answer_port=answer_port,
        database=database,
        brokers=brokers,
        pki=pki,
        say=lines.put,
    )

    attached = beside_alarms.Where(served_at, sms_at, sms_modem, pki or receiver.paths.pki, keeper)
    beside_alarms.attach(receiver, attached, hangups, lines.put)

    def show(change: News) -> None:
        # A line is told when it is out: what a crash kept from it comes at the next start.
        is_ready.wait()
        if change.routine and not as_json:
            return
        told: Incident | News = change
        if change.what is What.OPENED and change.incident is not None:
            told = change.incident
        shown = told.sentence(time.time_ns() // 1_000_000)
        line = json_line(json.loads(told.to_json())) if as_json else shown
        with printing:
            _line(line, for_output=True)
        if reader_is_gone():
            raise BrokenPipeError(_UNREAD)

    receiver.listen(TERMINAL, show)
    try:
        with receiver:
            where = _where(listen, port, brokers)
            ready = f"Ready: receiving {where}, {_facts(receiver, host, also_at)}Ctrl-C stops."
            _line(ready, for_output=not as_json)
            is_ready.set()
            while (line := _next(lines)) is not None:
                with printing:
                    _line(line, for_output=False)
    finally:
        is_ready.set()
    _print_rest(lines)
    _line("Stopped.", for_output=not as_json)


def _hangups() -> "queue.SimpleQueue[None]":
    """Where each SIGHUP is put from now on: it is never to end this."""
    hangups: queue.SimpleQueue[None] = queue.SimpleQueue()
    signal.signal(signal.SIGHUP, lambda *_: hangups.put(None))
    return hangups


def _next(lines: "queue.SimpleQueue[str | None]") -> str | None:
    """The next line, None to stop: a signal that comes just before a wait would not end it."""
    while True:
        with contextlib.suppress(queue.Empty):
            return lines.get(timeout=_LOOK_S)


def _print_rest(lines: "queue.SimpleQueue[str | None]") -> None:
    while not lines.empty():
        if (line := lines.get()) is not None:
            _line(line, for_output=False)


def _where(listen: str, port: int, brokers: tuple[str, ...]) -> str:
    if brokers:
        return f"by {len(brokers)} broker{'' if len(brokers) == 1 else 's'}"
    return f"on {listen} port {port}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _facts(receiver: "Receiver", host: str | None, also_at: list[str] | None) -> str:
    """How many are enrolled, where they call if at several places, where all is kept if unsaid."""
    enrolled = receiver.store.badge_ids()
    gateways = sum(map(is_gateway, enrolled))
    facts = _counted(len(enrolled) - gateways, "badge")
    facts += f" and {_counted(gateways, 'gateway')} enrolled. " if gateways else " enrolled. "
    first = f"{host or 'localhost'}:{receiver.port}"
    if also_at:
        facts += f"Badges call {', '.join([first, *also_at])}. "
    root = receiver.paths.root
    return facts + (f"All is kept in {root}. " if root == default_state() else "")


def check(given: Mapping[str, Any]) -> None:
    """UsageError for options that no start would take; nothing is started."""
    _check_address(given["listen"])
    beside_alarms.console_address(given["console"], given["console_cert"], given["console_key"])
    beside_alarms.sms_address(given["sms_listen"], given["sms_cert"], given["sms_key"])
    own = (given["port"], given["host"], given["listen"], given["also_at"] or None)
    _brokers(given["nats"], given["pki"], is_own=own == _OWN)


def _check_address(listen: str) -> None:
    """UsageError for what is no address at all; whether it is this machine's, the broker sees."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(listen)
        return
    if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9._-]+", listen):
        raise UsageError(
            f"'{listen}' is no address to listen on: give 127.0.0.1 for this machine alone, "
            "0.0.0.0 for all its addresses, or one of these."
        )


def _brokers(nats: str | None, pki: Path | None, *, is_own: bool) -> tuple[str, ...]:
    """The URLs of --nats; UsageError for what does not go together with it."""
    from nabij.centre.link.named import parse_addresses

    if nats is None:
        if pki is not None:
            raise UsageError("--pki is for brokers of --nats: give both, or neither.")
        return ()
    if not is_own:
        raise UsageError(
            "--port, --host, --also-at and --listen are for a broker of the receiver's own: leave "
            "them out with --nats."
        )
    return parse_addresses(nats)


def _line(text: str, *, for_output: bool) -> None:
    if for_output:
        typer.echo(text)
    else:
        tell(text)
