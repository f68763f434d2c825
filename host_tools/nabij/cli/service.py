"""`nabij service`: the receiver as a service of systemd."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.main import get_command

from nabij.cli import serve
from nabij.cli.options import option
from nabij.cli.output import tell

if TYPE_CHECKING:
    from nabij.centre.upkeep.unit import Unit

_STATE: Final = Path("/var/lib/nabij")
_FOLDER: Final = Path("/etc/systemd/system")
_FIRST_FREE_PORT: Final = 1024
INSTALL_EXAMPLE: Final = (
    "Example: nabij service install -- --listen 0.0.0.0 --host alarm.example.org --console 8443"
)

app = typer.Typer(
    no_args_is_help=True,
    help="The receiver as a service of systemd, started with the machine.",
    epilog=INSTALL_EXAMPLE,
)


@app.callback()
def _service() -> None:
    """Have a group of verbs, of which one is there so far."""


@app.command(epilog=INSTALL_EXAMPLE)
def install(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- OPTIONS", help="What `nabij serve` is to be given."),
    ] = None,
    *,
    state: Annotated[
        Path, option("--state", more="which the service owns", file_okay=False)
    ] = _STATE,
    user: Annotated[str, option("--user", more="made when there is no such user")] = "nabij",
    unit_folder: Annotated[
        Path, typer.Option("--unit-folder", help="Where the unit goes.", file_okay=False)
    ] = _FOLDER,
    dry_run: Annotated[bool, option("--dry-run", more="what would be written and run")] = False,
) -> None:
    """Write the unit, have it started with the machine and watched, and start it now."""
    from nabij.centre.upkeep import unit as units

    unit = _unit(state, user, words or [])
    if dry_run:
        typer.echo(unit.text(), nl=False)
        file = unit_folder / units.NAME
        tell(f"Nothing was changed. This would be {file}; then would run:")
        for command in (*units.make_user(unit), *units.steps(unit, unit_folder)):
            tell("  " + " ".join(command))
        return
    file = units.install(unit, unit_folder)
    typer.echo(f"{file} is written, started, and will be with the machine.")
    tell(f"See `systemctl status nabij`; `export NABIJ_STATE={state}` for the other verbs.")


def _unit(state: Path, user: str, words: list[str]) -> "Unit":
    from nabij.centre.upkeep import unit as units

    units.check_words(state, words)
    command: Any = get_command(serve.app)
    # As it would be read by `serve` itself, with the same sentence about what it refuses.
    given = command.make_context("serve", [*words, "--state", str(state)]).params
    serve.check(given)
    ports = [given["port"], given["health_port"], given["answer_port"]]
    if given["console"] is not None:
        ports.append(int(given["console"].rpartition(":")[2]))
    low = any(port is not None and port < _FIRST_FREE_PORT for port in ports)
    return units.Unit(units.program(), user, state, tuple(words), low_ports=low)
