"""`nabij energy`: what a shift takes from the battery, reckoned on a virtual badge."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from nabij.cli.board_of import definition_of
from nabij.cli.options import Board, Config, Json, option
from nabij.cli.output import print_json, waiting
from nabij.settings import config_file
from nabij.terminal import output_console, print_table
from nabij.usb.build import DEFAULT_BOARD

if TYPE_CHECKING:
    from nabij.virtual.energy import Day

app = typer.Typer(add_completion=False)


@app.command("energy", epilog="Example: nabij energy --hours 12")
def energy_command(
    *,
    hours: Annotated[
        float | None,
        option("--hours", more="the shift; 12 if left out", min=0.1, max=72),
    ] = None,
    alarms: Annotated[
        int, typer.Option("--alarms", min=0, max=50, help="Squeezes in that time.")
    ] = 0,
    falls: Annotated[int, typer.Option("--falls", min=0, max=50, help="Falls in that time.")] = 0,
    config: Config = None,
    board: Board = DEFAULT_BOARD,
    tail_ma: Annotated[
        float | None,
        typer.Option(
            "--tail-ma", min=0, max=1000, help="What the modem draws after a packet, if you know."
        ),
    ] = None,
    tail_s: Annotated[
        float | None,
        typer.Option(
            "--tail-s", min=0, max=300, help="How long your network keeps the radio connected."
        ),
    ] = None,
    capacity_mah: Annotated[
        int | None,
        typer.Option("--capacity-mah", min=1, max=100_000, help="What your cell holds."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Wear a virtual badge for a shift in virtual time; print mAh, hours, and what takes them.

    The figures are those of hardware/power.toml, each with its source or marked an assumption.
    What is in doubt is a range: the hours, and what each part takes, at the best and at the worst.
    """
    from nabij.hardware import power
    from nabij.virtual import energy

    definition_of(board)
    hours = energy.SHIFT_HOURS if hours is None else hours
    settings = {} if config is None else config_file.require_file(config).to_dict()
    with waiting(f"living through {hours:g} hours (a minute or two)"):
        figures = power.load(board=board).told(
            tail_ma=tail_ma, tail_s=tail_s, capacity_mah=capacity_mah
        )
        day = energy.shift(hours, settings, alarms, figures, falls=falls, board=board)
    if as_json:
        print_json(asdict(day))
    else:
        show(day)


def show(day: "Day") -> None:
    """Print the account as a table and two sentences."""
    from nabij.virtual import energy

    table = Table("part", "state", "mAh", "at best, at worst", "share", "figure")
    for share in day.shares:
        if share.mah < 0.001 * day.mah:
            continue
        table.add_row(
            share.part,
            share.state,
            f"{share.mah:.2f}",
            f"{share.mah_best:.2f}, {share.mah_worst:.2f}",
            f"{100 * share.mah / day.mah:.0f} %",
            "assumption" if share.assumed else "source",
        )
    lasts, worst, best = (
        energy.hours_text(hours)
        for hours in (day.battery_hours, day.battery_hours_worst, day.battery_hours_best)
    )
    console = output_console()
    print_table(console, table)
    console.print(
        f"{day.hours:g} h took {day.mah:.1f} mAh, {day.mean_ma:.2f} mA on average: "
        f"the {day.battery_mah} mAh battery lasts {lasts} h, "
        f"and between {worst} h and {best} h "
        f"by what is in doubt. {_verdict(day)}"
    )
    if day.ble_ma:
        without = day.battery_hours * day.mean_ma / (day.mean_ma - day.ble_ma)
        console.print(
            f"Of this {day.ble_ma:.2f} mA are BLE and the chip that is awake for it: without it "
            f"{energy.hours_text(without)} h."
        )


def _verdict(day: "Day") -> str:
    from nabij.virtual import energy

    wanted = (
        (f"R12 asks for {energy.REQUIRED_HOURS:g} h", energy.REQUIRED_HOURS),
        (f"the target is {energy.TARGET_HOURS:g} h", energy.TARGET_HOURS),
    )
    said = []
    for what, hours in wanted:
        if day.battery_hours_worst >= hours:
            said.append(f"{what}: met also at the worst")
        elif day.battery_hours >= hours:
            said.append(f"{what}: met, but not at the worst")
        else:
            said.append(f"{what}: not met")
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."
