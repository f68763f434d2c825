"""`nabij energy`: what a shift takes from the battery, reckoned on a virtual badge."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nabij.cli.options import Json
from nabij.cli.output import print_json
from nabij.settings import config_file
from nabij.terminal import output_console, print_table

if TYPE_CHECKING:
    from nabij.virtual.energy import Day

app = typer.Typer()


@app.command("energy", epilog="Example: nabij energy --hours 12")
def energy_command(
    hours: Annotated[
        float | None,
        typer.Option("--hours", min=0.1, max=72, help="Length of the shift; 12 if left out."),
    ] = None,
    alarms: Annotated[
        int, typer.Option("--alarms", min=0, max=50, help="Squeezes in that time.")
    ] = 0,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Settings (TOML) in place of the defaults.", dir_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Wear a virtual badge for a shift in virtual time; print mAh, hours, and what takes them.

    The currents are those of hardware/power.toml, each with its source or marked an assumption.
    """
    from nabij.virtual import energy

    hours = energy.SHIFT_HOURS if hours is None else hours
    settings = (
        {}
        if config is None
        else config_file.require(config_file.load(config), str(config)).to_dict()
    )
    console = Console(stderr=True)
    with console.status(f"living through {hours:g} hours (a minute or two)"):
        day = energy.shift(hours, settings, alarms)
    if as_json:
        print_json(asdict(day))
    else:
        show(day)


def show(day: "Day") -> None:
    """Print the account as a table and a sentence."""
    table = Table("part", "state", "mAh", "share", "figure")
    for share in day.shares:
        if share.mah < 0.001 * day.mah:
            continue
        table.add_row(
            share.part,
            share.state,
            f"{share.mah:.2f}",
            f"{100 * share.mah / day.mah:.0f} %",
            "assumption" if share.assumed else "source",
        )
    console = output_console()
    print_table(console, table)
    console.print(
        f"{day.hours:g} h took {day.mah:.1f} mAh, {day.mean_ma:.2f} mA on average: "
        f"the {day.battery_mah} mAh battery lasts {day.battery_hours:.0f} h "
        f"({_verdict(day)}), and {day.doubted_hours:.0f} h if every assumption is twice as high."
    )


def _verdict(day: "Day") -> str:
    from nabij.virtual import energy

    words: list[tuple[float, Any]] = [
        (energy.TARGET_HOURS, "the target"),
        (energy.REQUIRED_HOURS, "R12"),
    ]
    for hours, name in words:
        if day.battery_hours >= hours:
            return f"{name} is {hours:g} h"
    return f"less than the {energy.REQUIRED_HOURS:g} h of R12"
