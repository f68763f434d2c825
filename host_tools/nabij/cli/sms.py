"""`nabij sms`: who brings text messages, the numbers of badges, and the SIM of a modem."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import print_json
from nabij.errors import EXIT_USAGE, UsageError

if TYPE_CHECKING:
    from nabij.centre.sms.overview import Overview

SET_EXAMPLE: Final = (
    "Example: nabij sms set twilio --url https://sms.example.org/sms/twilio "
    "--secret-file token --state ./receiver"
)
NUMBER_EXAMPLE: Final = "Example: nabij sms number badge-0007 +31612345678 --state ./receiver"
_MOST_BYTES: Final = 4096

app = typer.Typer(
    no_args_is_help=True,
    help="Text messages: who brings them, numbers of badges, the SIM of a modem.",
    epilog=SET_EXAMPLE,
)
Name = Annotated[
    str, typer.Argument(metavar="SERVICE", help="twilio, vonage, telnyx, or standard for others.")
]
By = Annotated[str, option("--by", more="for the audit")]


@app.command("set", epilog=SET_EXAMPLE)
def set_command(
    name: Name,
    *,
    state: ReceiverState,
    url: Annotated[
        str, typer.Option("--url", help="The address that the service was told to post to.")
    ],
    secret_file: Annotated[
        Path | None,
        typer.Option(
            "--secret-file",
            dir_okay=False,
            help="File with what it signs with in its first line; asked for, if left out.",
        ),
    ] = None,
    send_file: Annotated[
        Path | None,
        typer.Option(
            "--send-file",
            dir_okay=False,
            help="File with apprise's address to send by, {to} for the number; none if left out.",
        ),
    ] = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Take text messages that a service posts, and send receipts by it if it is told how."""
    from nabij.centre.notify.attempt import can_use
    from nabij.centre.sms import desk, settings

    settings.check_url(url)
    send = None if send_file is None else _line_of(send_file, "the address to send by")
    if send is not None and not can_use(send.replace(settings.TO, "+31600000000")):
        raise UsageError(
            f"apprise knows no such address as {send_file} has: see docs/sms_receiver.md for "
            "those of each service."
        )
    secret = _asked(f"What {name} signs with", secret_file, "--secret-file")
    desk.keep_service(state, name, url, secret, send, by)
    if as_json:
        print_json({"service": name, "url": url, "sends": send is not None})
        return
    sends = "and sends receipts" if send is not None else "and sends nothing"
    typer.echo(f"Kept: {name} brings text messages to {url}, {sends}.")


@app.command(epilog="Example: nabij sms drop vonage --state ./receiver")
def drop(name: Name, *, state: ReceiverState, by: By = "", as_json: Json = False) -> None:
    """Take no more text messages from a service; what it signs with is removed."""
    from nabij.centre.sms import desk

    desk.drop_service(state, name, by)
    if as_json:
        print_json({"service": name})
    else:
        typer.echo(f"Nothing that {name} posts is taken any more.")


@app.command(epilog=NUMBER_EXAMPLE)
def number(
    badge: Annotated[str, typer.Argument(metavar="BADGE", help="Id of a badge.")],
    telephone: Annotated[
        str | None,
        typer.Argument(
            metavar="NUMBER", help="Of the SIM in it, as +31612345678; none if left out."
        ),
    ] = None,
    *,
    state: ReceiverState,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Set the number of the SIM in a badge: receipts by SMS go there, and nowhere else."""
    from nabij.centre.sms import desk

    desk.keep_number(state, badge, telephone, by)
    if as_json:
        print_json({"badge": badge, "number": telephone})
    elif telephone is None:
        typer.echo(f"Badge {badge} has no number: it is sent nothing by SMS.")
    else:
        typer.echo(f"Badge {badge} is answered by SMS at {telephone}.")


@app.command(epilog="Example: nabij sms pin --pin-file pin --state ./receiver")
def pin(
    *,
    state: ReceiverState,
    pin_file: Annotated[
        Path | None,
        typer.Option(
            "--pin-file",
            dir_okay=False,
            help="File with the PIN in its first line; asked for, if left out.",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="The SIM asks for no PIN.")] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Set the PIN of the SIM in the modem of --sms-modem."""
    from nabij.centre.sms import desk

    given = None if remove else _asked("PIN", pin_file, "--pin-file")
    desk.keep_pin(state, given, by)
    if as_json:
        print_json({"pin": given is not None})
    else:
        typer.echo("The PIN is kept." if given is not None else "No PIN is kept.")


@app.command(epilog="Example: nabij sms show --state ./receiver")
def show(*, state: ReceiverState, as_json: Json = False) -> None:
    """Show who brings text messages, the numbers of badges, and what came and went last."""
    from nabij.centre.sms import desk, overview

    now_ms = time.time_ns() // 1_000_000
    found = desk.read(state, lambda one: overview.read(one, now_ms))
    if as_json:
        print_json(found.fields())
    else:
        _show(found)


def _show(found: "Overview") -> None:
    for line in found.lines():
        typer.echo(line)


def _asked(what: str, file: Path | None, flag: str) -> str:
    """A secret, from a file or of a person; it is shown nowhere."""
    if file is not None:
        return _line_of(file, what[0].lower() + what[1:])
    if not sys.stdin.isatty():
        raise UsageError(f"There is nobody to ask for it: give {flag}.")
    words: str = typer.prompt(what, hide_input=True, err=True)
    return words.strip()


def _line_of(file: Path, what: str) -> str:
    from nabij.paths import read_file

    data = read_file(
        file, what, "name a file with it in its first line", EXIT_USAGE, most=_MOST_BYTES
    )
    return data.decode("utf-8", "replace").split("\n")[0].strip()
