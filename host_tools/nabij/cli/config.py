"""`nabij config`: read, check, compare and set a badge's settings."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from badge.core.settings.fields import PROFILES
from nabij.cli import completion
from nabij.cli.board_of import definition_of
from nabij.cli.completion import one_of
from nabij.cli.options import Address, Json, NeededKeyState, Profile, option
from nabij.cli.output import print_json, tell
from nabij.errors import NabijError, UsageError
from nabij.hardware import board_settings
from nabij.paths import STANDARD_OUTPUT, check_output
from nabij.settings import config_file, config_tables
from nabij.settings.asked import Asked
from nabij.settings.asked import asked as asked_of
from nabij.terminal import output_console, print_table

if TYPE_CHECKING:
    from nabij.hardware.board_parts import Board as Definition
    from nabij.usb.device import Device

_KNOWN: Final = frozenset((*PROFILES, *config_tables.shipped()))

app = typer.Typer(
    no_args_is_help=True,
    help="Read, check, compare and set a badge's settings.",
    epilog="Example: nabij config profile pna11 > badge.toml",
)


@app.command(epilog="Example: nabij config get -o badge.toml")
def get(
    address: Address = None,
    *,
    output: Annotated[
        Path | None, option("--output", "-o", more="a file of settings; printed if left out")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the settings that a badge runs with, as TOML with their meaning and ranges."""
    from nabij.usb.device import open_device
    from nabij.usb.settings import read_settings

    check_output(output)
    with open_device(address) as device:
        found = read_settings(device)
    if as_json:
        print_json(asdict(found))
    elif output is not None:
        config_file.save(output, found.given)
        if str(output) != STANDARD_OUTPUT:
            typer.echo(f"The settings are in {output}; what has its default is commented out.")
    else:
        typer.echo(config_file.dumps(found.given), nl=False)
    if found.trial in {"staged", "running"} and not as_json:
        # Not into the file that the settings may be going to.
        typer.echo(
            f"These settings are on trial: {found.why_not or 'not confirmed yet'}.", err=True
        )


@app.command("set", epilog="Example: nabij config set keepalive_s=30 --state ./receiver")
def set_(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[BADGE] FILE | NAME=VALUE ...",
            help="Address of the badge, unless it is the only one; then a TOML file, or settings "
            "(name=default takes one back).",
            autocompletion=completion.changes,
        ),
    ],
    *,
    state: NeededKeyState,
    as_json: Json = False,
) -> None:
    """Put settings in force: checked, tried for one start, confirmed; undone if they do harm.

    A file replaces all settings; name=value changes those named. The badge restarts once. It goes
    back by itself when it fails, when its link stays away, or when this command is interrupted.
    Settings that it has already restart nothing.
    """
    from nabij.usb.device import open_device
    from nabij.usb.settings import read_settings

    address, asked = _of_set(words)
    with open_device(address) as device:
        _require_identity(device)
        now = dict(read_settings(device).given)
    wanted = asked.applied_to(now)
    profile = config_file.require(wanted, asked.source).profile
    say: Callable[[str], None] = tell if as_json else typer.echo
    changed = bool(config_file.difference(now, wanted))
    if changed:
        _try(address, wanted, state, say)
    if as_json:
        print_json({"changed": changed, "profile": profile, "settings": wanted})
    elif changed:
        say(f"In force: {_kept(profile, wanted)}.")
    else:
        say(f"The badge has these settings already: {_kept(profile, wanted)}.")


def _try(
    address: str | None, wanted: dict[str, Any], state: Path, say: Callable[[str], None]
) -> None:
    from nabij.usb.keys import service_key
    from nabij.usb.settings import apply_settings

    def key(device: "Device") -> bytes:
        _require_identity(device)
        return service_key(state, str(device.info.get("badge")))

    try:
        apply_settings(address, wanted, key, say)
    except KeyboardInterrupt:
        tell(
            "Interrupted: the badge goes back to the settings it had by itself, at its next start "
            "or when their trial is over; `nabij config get` shows which it has."
        )
        raise


@app.command(epilog="Example: nabij config check badge.toml --profile pna11")
def check(
    file: Annotated[Path, typer.Argument(help="TOML file with settings.")],
    profile: Profile = None,
    *,
    board: Annotated[
        str | None,
        option(
            "--board",
            more="one of hardware/boards; says too what it has no part for",
            autocompletion=one_of(completion.boards),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a badge would refuse in a file; needs no badge. Exit code 1 if it refuses any."""
    if profile is not None:
        _require_profile(profile)
    fitted = None if board is None else definition_of(board)
    faults = config_file.check(file, profile)
    lacks, vain = ([], []) if fitted is None else _without_part(fitted, file, profile)
    if as_json:
        of_board = {} if fitted is None else {"refused": lacks, "in_vain": vain}
        print_json({"faults": [asdict(fault) for fault in faults], **of_board})
    else:
        for fault in faults:
            typer.echo(fault.sentence, err=True)
        if lacks:
            typer.echo(board_settings.refusal(lacks, f"{board}"), err=True)
        if vain:
            typer.echo(board_settings.sentence(vain, f"{board}"), err=True)
        if not faults and not lacks:
            typer.echo(f"{file}: a badge takes these settings.")
    if faults or lacks:
        raise typer.Exit(1)


@app.command(epilog="Example: nabij config diff badge.toml pna11")
def diff(
    first: Annotated[
        str,
        typer.Argument(
            help="A TOML file or the name of a profile.",
            autocompletion=one_of(completion.settings),
        ),
    ],
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="SECOND | BADGE",
            help="Another one, or a badge; the only one if left out.",
            autocompletion=one_of(completion.settings),
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show which settings differ between two files, profiles, or a file and a badge."""
    old = _settings(first)
    if second is not None and not _is_address(second):
        new, name = _settings(second), second
    else:
        from nabij.usb.device import open_device
        from nabij.usb.settings import read_settings

        with open_device(second) as device:
            new, name = read_settings(device).given, "the badge"
    changed = config_file.difference(old, new)
    if as_json:
        rows = [{"field": field, "first": was, "second": now} for field, was, now in changed]
        print_json({"differences": rows})
        return
    if not changed:
        typer.echo(f"{first} and {name} make the same settings.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("setting", first, name):
        table.add_column(heading)
    for field, was, now in changed:
        table.add_row(field, str(was), str(now))
    print_table(output_console(), table)


@app.command(epilog="Example: nabij config profile pna11 > badge.toml")
def profile(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Print this profile; the list if left out.",
            autocompletion=one_of(completion.profiles),
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Print a profile as a TOML file to start from, or the names of the profiles."""
    if as_json:
        made = None if name is None else {"profile": name, "settings": _settings_of_profile(name)}
        print_json(made or {"profiles": list(PROFILES)})
        return
    if name is None:
        for known in PROFILES:
            typer.echo(known)
        return
    typer.echo(config_file.dumps(_settings_of_profile(name)), nl=False)


def _without_part(
    board: "Definition", file: Path, profile: str | None
) -> tuple[list[str], list[str]]:
    """Which of the settings the board refuses, and which do nothing there."""
    changes = {} if profile is None else {"profile": profile}
    given = config_file.load(file) | changes
    return board_settings.refused(board, given), board_settings.in_vain(board, given)


def _of_set(words: list[str]) -> tuple[str | None, Asked]:
    """The address and the settings; all names are checked before a badge is asked."""
    address = words[0] if len(words) > 1 and _is_address(words[0]) else None
    return address, asked_of(words[1:] if address is not None else words)


def _is_address(word: str) -> bool:
    """True for what can only be meant as a badge: no setting, no profile, no file of settings."""
    if "://" in word or word.startswith("id:"):
        return True
    if "=" in word or word in config_file.NAMES or word.partition(":")[0] in _KNOWN:
        return False
    path = Path(word)
    return path.suffix != ".toml" and not path.is_file() and (path.exists() or "/" in word)


def _require_identity(device: "Device") -> None:
    if not device.info.get("provisioned"):
        raise NabijError(
            f"The badge on {device.port} is not provisioned: run `nabij provision` first."
        )


def _settings(source: str) -> dict[str, Any]:
    if source in PROFILES:
        return _settings_of_profile(source)
    is_name = Path(source).name == source and not Path(source).suffix
    shipped = config_tables.shipped()
    if is_name and source.partition(":")[0] not in shipped and not Path(source).exists():
        raise UsageError(
            f"'{source}' is neither a file nor one of {', '.join((*PROFILES, *shipped))}: "
            "check how it is written."
        )
    settings = config_file.load(Path(source))
    config_file.require(settings, source)
    return settings


def _settings_of_profile(name: str) -> dict[str, Any]:
    _require_profile(name)
    return {"profile": name}


def _require_profile(name: str) -> None:
    if name not in PROFILES:
        raise UsageError(f"There is no profile '{name}': the profiles are {', '.join(PROFILES)}.")


def _kept(profile: str, settings: dict[str, Any]) -> str:
    others = [name for name in settings if name != "profile"]
    changed = sum(settings[one] != config_file.default_of(one, profile) for one in others)
    return f"profile {profile}, {changed or 'none'} of its defaults changed"
