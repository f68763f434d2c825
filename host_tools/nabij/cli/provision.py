"""`nabij provision`: a badge gets its identity."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from badge.core.settings.fields import PROFILES
from nabij.cli.options import (
    Address,
    Addresses,
    Apn,
    Config,
    Json,
    Profile,
    State,
    TcpPort,
    Wearer,
    option,
)
from nabij.cli.output import print_json
from nabij.errors import UsageError
from nabij.settings import config_file

app = typer.Typer(add_completion=False)


@app.command(
    "provision",
    epilog="Example: nabij provision --badge nb-0007 --state ./receiver --host alarm.example.org",
)
def provision_command(
    address: Address = None,
    *,
    badge: Annotated[str, option("--badge", more="1 to 32 letters, digits and dashes")],
    state: State,
    host: Annotated[str, option("--host")],
    port: TcpPort = 8883,
    also_at: Addresses = None,
    apn: Apn = "",
    wearer: Wearer = "",
    profile: Profile = None,
    config: Config = None,
    force: Annotated[
        bool,
        option("--force", more="the identity that the badge, or this id, has"),
    ] = False,
    old_state: Annotated[
        Path | None,
        typer.Option("--old-state", help="With --force: receiver of the identity replaced."),
    ] = None,
    keep_files: Annotated[
        bool,
        typer.Option("--keep-files", help="Keep the badge's key and files below --state/badges."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Give a badge its identity: key and certificate, the receiver's address, settings, the time.

    The badge's private key is made here, goes to the badge and is kept nowhere else, unless
    --keep-files is given. After a failure at any point run the same command again.
    """
    from nabij.centre.register.enrol import with_addresses
    from nabij.usb.provision import provision

    settings = with_addresses(_settings(config, profile), also_at or ())
    done = provision(
        address,
        state,
        badge,
        host=host,
        port=port,
        apn=apn,
        wearer=wearer,
        settings=settings,
        force=force,
        keep=keep_files,
        old_state=old_state,
        say=lambda text: None if as_json else typer.echo(text),
    )
    if as_json:
        print_json({**asdict(done), "folder": done.folder and str(done.folder)})
        return
    if done.finished_only:
        typer.echo(f"Badge {badge} had its identity already; the receiver knows it now too.")
    else:
        typer.echo(
            f"Badge {badge} (serial number {done.serial}) is provisioned: it calls "
            f"{host}:{port}, profile {settings.get('profile', 'discreet')}."
        )
    if settings.get("sms_after_s"):
        typer.echo(
            "SMS is absent until a test has come back from this very SIM: "
            f"`nabij doctor --sms --state {state}` sends one."
        )
    if done.folder is not None:
        typer.echo(f"Its private key is also in {done.folder}: keep that folder safe.")
    if done.before is not None:
        typer.echo(
            f"It was {done.before} before, which is still enrolled: "
            f"`nabij revoke {done.before}` ends that."
        )


def _settings(file: str | None, profile: str | None) -> dict[str, Any]:
    settings: dict[str, Any] = {} if file is None else config_file.load(Path(file))
    if profile is not None:
        if profile not in PROFILES:
            raise UsageError(
                f"There is no profile '{profile}': the profiles are {', '.join(PROFILES)}."
            )
        settings["profile"] = profile
    config_file.require(settings, file or "--profile")
    return settings
