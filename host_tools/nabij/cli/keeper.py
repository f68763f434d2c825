"""`nabij keeper`: the process that has the keys of sealed positions, and its log."""

import os
import pwd
import signal
import threading
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from nabij.centre.keeper import limits
from nabij.cli.options import Json, option
from nabij.cli.output import counted, print_json, tell
from nabij.errors import EXIT_FAILURE, NabijError, UsageError

RUN_EXAMPLE: Final = (
    "Example: nabij keeper run /var/lib/nabij-keeper --socket /run/nabij-keeper/socket "
    "--receiver-user nabij"
)
_HOUR_MS: Final = 3_600_000

app = typer.Typer(
    no_args_is_help=True,
    help="Has the keys of sealed positions, apart from the receiver: run it, check it, its log.",
    epilog=RUN_EXAMPLE,
)
Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", file_okay=False, help="What the keeper has to itself.")
]
Socket = Annotated[Path, option("--socket")]
KeepHours = Annotated[
    int,
    option("--keep-hours", more="for a deadline that is missed then", min=1, max=24),
]

Claims = Annotated[
    int,
    option(
        "--claims",
        more="0: a silent badge opens nothing, nor a deadline that it set without UTC",
        min=0,
        max=limits.MOST_CLAIMS,
    ),
]


@app.command(epilog=RUN_EXAMPLE)
def run(
    folder: Folder,
    *,
    socket: Socket,
    receiver_user: Annotated[
        str | None,
        option("--receiver-user", more="this user if left out"),
    ] = None,
    keep_hours: KeepHours = 4,
    claims: Claims = limits.MOST_CLAIMS,
) -> None:
    """Seal positions for the receiver, and open one for an alarm, a missed deadline, or a silence.

    Runs until Ctrl-C or SIGTERM. Give it a user and a folder that the receiver cannot read.
    """
    import resource

    from nabij.centre.clocks import Clock
    from nabij.centre.database.lock import FolderLock
    from nabij.centre.keeper import door
    from nabij.centre.keeper.keeper import Keeper
    from nabij.paths import gone_after_a_failure

    user = _user(receiver_user)
    door.check(socket)
    if user == os.getuid():
        tell(
            "The keeper and the receiver run as one user: whoever is that user can read both. "
            "Give it a user of its own and --receiver-user."
        )
    # A core file would have all keys in it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with gone_after_a_failure(folder, unless=lambda: FolderLock.is_held(folder / "lock")):
        lock = FolderLock(folder / "lock")
        try:
            most = limits.with_claims(claims)
            keeper = Keeper(folder, Clock(), tell, keep_hours * _HOUR_MS, most)
            opened = door.Door(keeper, socket, user, tell)
        except NabijError:
            lock.release()
            raise
    typer.echo(
        f"Ready: {keeper.public.hex()[:16]} listens at {socket} for user {user}, with "
        f"{counted(len(keeper.held()), 'key')}. Ctrl-C stops."
    )
    opened.serve(stop)
    lock.release()
    typer.echo("Stopped.")


@app.command(
    epilog="Example: nabij keeper check /var/lib/nabij-keeper --socket /run/nabij-keeper/s"
)
def check(
    folder: Folder,
    *,
    socket: Annotated[Path | None, option("--socket", more="also whether it answers")] = None,
    as_json: Json = False,
) -> None:
    """Look at a keeper's folder, log and socket, as its user; exit code 1 when one is amiss."""
    from nabij.centre.keeper import checks

    found = checks.all_of(folder, socket)
    if as_json:
        print_json({"checks": [one.__dict__ for one in found]})
    else:
        for one in found:
            typer.echo(f"{'ok' if one.good else 'AMISS':6}{one.what}: {one.says}")
    if not all(one.good for one in found):
        raise typer.Exit(EXIT_FAILURE)


@app.command(epilog="Example: nabij keeper log /var/lib/nabij-keeper")
def log(folder: Folder, *, as_json: Json = False) -> None:
    """Print what it opened and refused, after checking that no line was changed."""
    import datetime as dt

    from nabij.centre.keeper.checks import read_log

    lines = read_log(folder)
    if as_json:
        rows: list[dict[str, Any]] = [
            {"line": one.number, "at_ms": one.at_ms, "what": one.what, **one.facts}
            for one in lines
        ]
        print_json({"lines": rows})
        return
    for one in lines:
        when = dt.datetime.fromtimestamp(one.at_ms / 1000, dt.UTC)
        typer.echo(f"{one.number:>6}  {when:%Y-%m-%d %H:%M:%SZ}  {one.what}  {one.sentence()}")


@app.command(
    epilog="Example: nabij keeper unit --receiver-user nabij "
    "> /etc/systemd/system/nabij-keeper.service"
)
def unit(
    *,
    user: Annotated[str, option("--user", more="and nothing else")] = "nabij-keeper",
    receiver_user: Annotated[str, option("--receiver-user")] = "nabij",
    keep_hours: KeepHours = 4,
    claims: Claims = limits.MOST_CLAIMS,
) -> None:
    """Print a unit for systemd: its own user, folder and socket, and no way to the network."""
    from nabij.centre.upkeep import keeper_unit

    typer.echo(keeper_unit.text(user, receiver_user, keep_hours, claims), nl=False)
    tell(
        f"Make the user first: useradd --system --shell /usr/sbin/nologin {user}; then systemctl "
        f"enable --now nabij-keeper, and `nabij serve --keeper {keeper_unit.SOCKET}`."
    )


def _user(name: str | None) -> int:
    if name is None:
        return os.getuid()
    if name.isascii() and name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError as error:
        raise UsageError(f"There is no user {name[:32]} on this machine.") from error
