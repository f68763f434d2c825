"""`nabij config`: read, check, compare and set a badge's settings."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from badge.core.settings.config import FIELDS, PROFILES
from nabij.cli.options import Address, AlsoPort, Json
from nabij.cli.output import print_json
from nabij.errors import NabijError, UsageError
from nabij.settings import config_file, config_tables

if TYPE_CHECKING:
    from nabij.usb.device import Device

DEFAULT: Final = "default"
_NAMES: Final = frozenset({"profile", *(row[0] for row in FIELDS)})

AddressOption = Annotated[
    str | None, typer.Option("--port", help="Address of the badge; the only one if left out.")
]
app = typer.Typer(
    no_args_is_help=True,
    help="Read, check, compare and set a badge's settings.",
    epilog="Example: nabij config profile pna11 > badge.toml",
)


@app.command(epilog="Example: nabij config get -o badge.toml")
def get(
    port: Address = None,
    *,
    also_port: AlsoPort = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a file instead of printing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the settings that a badge runs with, as TOML with their meaning and ranges."""
    from nabij.usb.device import open_device
    from nabij.usb.settings import read_settings

    with open_device(port or also_port) as device:
        found = read_settings(device)
    if as_json:
        print_json(asdict(found))
    elif out is not None:
        config_file.save(out, found.given)
        typer.echo(f"The settings are in {out}; what has its default is commented out.")
    else:
        typer.echo(config_file.dumps(found.given), nl=False)
    if found.trial != "none" and not as_json:
        # Not into the file that the settings may be going to.
        typer.echo(
            f"These settings are on trial: {found.why_not or 'not confirmed yet'}.", err=True
        )


@app.command("set", epilog="Example: nabij config set keepalive_s=30 --state ./receiver")
def set_(
    settings: Annotated[
        list[str],
        typer.Argument(help="A TOML file, or name=value ... (name=default takes one back)."),
    ],
    state: Annotated[
        Path,
        typer.Option("--state", help="Folder of the receiver, which has the badge's service key."),
    ],
    *,
    port: AddressOption = None,
) -> None:
    """Put settings in force: checked, tried for one start, confirmed; undone if they do harm.

    A file replaces all settings; name=value changes those named. The badge restarts once. It goes
    back by itself when it fails, when its link stays away, or when this command is interrupted.
    """
    from nabij.usb.device import open_device
    from nabij.usb.keys import service_key
    from nabij.usb.settings import apply_settings, read_settings

    if settings[0] in _NAMES:
        raise UsageError(f"'{settings[0]}' has no value: write {settings[0]}=VALUE or =default.")
    if len(settings) == 1 and "=" not in settings[0]:
        wanted = config_file.load(Path(settings[0]))
    else:
        with open_device(port) as device:
            wanted = dict(read_settings(device).given)
        for text in settings:
            name, value = config_file.parse_assignment(text)
            wanted.pop(name, None)
            if value != DEFAULT:
                wanted[name] = value
    where = settings[0] if len(settings) == 1 and "=" not in settings[0] else "These settings"
    profile = config_file.require(wanted, where).profile

    def key(device: "Device") -> bytes:
        if not device.info.get("provisioned"):
            raise NabijError(
                f"The badge on {device.port} is not provisioned: run `nabij provision` first."
            )
        return service_key(state, str(device.info.get("badge")))

    apply_settings(port, wanted, key, typer.echo)
    typer.echo(f"In force: profile {profile}, {_count(wanted)} of its defaults changed.")


@app.command(epilog="Example: nabij config check badge.toml --profile pna11")
def check(
    file: Annotated[Path, typer.Argument(help="TOML file with settings.")],
    profile: Annotated[
        str | None, typer.Option("--profile", help=f"Check as {' or '.join(PROFILES)}.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say what a badge would refuse in a file; needs no badge. Exit code 1 if it refuses any."""
    faults = config_file.check(file, profile)
    if as_json:
        print_json({"faults": [asdict(fault) for fault in faults]})
    else:
        for fault in faults:
            typer.echo(fault.sentence, err=True)
        if not faults:
            typer.echo(f"{file}: a badge takes these settings.")
    if faults:
        raise typer.Exit(1)


@app.command(epilog="Example: nabij config diff badge.toml pna11")
def diff(
    first: Annotated[str, typer.Argument(help="A TOML file or the name of a profile.")],
    second: Annotated[
        str | None, typer.Argument(help="Another one; the badge's settings if left out.")
    ] = None,
    *,
    port: AddressOption = None,
    as_json: Json = False,
) -> None:
    """Show which settings differ between two files, profiles, or a file and a badge."""
    old = _settings(first)
    if second is not None:
        new, name = _settings(second), second
    else:
        from nabij.usb.device import open_device
        from nabij.usb.settings import read_settings

        with open_device(port) as device:
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
    Console(soft_wrap=False).print(table)


@app.command(epilog="Example: nabij config profile pna11 > badge.toml")
def profile(
    name: Annotated[
        str | None, typer.Argument(help="Print this profile; the list if left out.")
    ] = None,
) -> None:
    """Print a profile as a TOML file to start from, or the names of the profiles."""
    if name is None:
        for known in PROFILES:
            typer.echo(known)
        return
    typer.echo(config_file.dumps(_settings_of_profile(name)), nl=False)


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
    if name not in PROFILES:
        raise UsageError(f"There is no profile '{name}': the profiles are {', '.join(PROFILES)}.")
    return {"profile": name}


def _count(settings: dict[str, Any]) -> str:
    changed = len([name for name in settings if name != "profile"])
    return str(changed) if changed else "none"
