"""`nabij location`: where people are outside alarms: consent, what holds, what was opened."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Final

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, UsageError

CONSENT_EXAMPLE: Final = (
    'Example: nabij location consent --council "OR Noord" --reference OR-2026-14 --on 2026-11-02 '
    "--until 2027-10-31 --team Nachtdienst --by j.smit --state ./receiver"
)

app = typer.Typer(
    no_args_is_help=True,
    help="Where people are outside alarms: the works council's consent, and what was opened.",
    epilog=CONSENT_EXAMPLE,
)
By = Annotated[str, option("--by", more="for the audit")]


@app.command(epilog=CONSENT_EXAMPLE)
def consent(
    *,
    state: ReceiverState,
    council: Annotated[str, typer.Option("--council", help="Which works council gave it.")],
    reference: Annotated[
        str, typer.Option("--reference", help="Its document, as the minutes have it.")
    ],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="The day it was given.")],
    until: Annotated[str, option("--until", more="it holds no longer", metavar="DAY")],
    team: Annotated[
        list[str] | None,
        typer.Option("--team", help="For this team only; give it again for each."),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", help="For the teams of this site only; give it again for each."),
    ] = None,
    by: By = "",
) -> None:
    """Keep on record that the works council consented. Without that nothing is kept."""
    from nabij.centre.location import desk
    from nabij.centre.location.consent import Wanted

    days = _day(on, "--on"), _day(until, "--until")
    wanted = Wanted(council, reference, *days, tuple(team or ()), tuple(site or ()))
    desk.note_consent(state, wanted, by)
    typer.echo(
        f"Noted: {council}, {reference}, until {until}. Positions are kept while the term "
        "`location` is 1 day or more (nabij privacy term) and a keeper runs."
    )


@app.command(epilog="Example: nabij location withdraw --yes --by j.smit --state ./receiver")
def withdraw(
    *,
    state: ReceiverState,
    yes: Annotated[bool, option("--yes", more="what is sealed goes")] = False,
    by: By = "",
) -> None:
    """End the consent: nothing is kept from now on, and what is sealed goes with its keys."""
    from nabij.centre.location import desk

    if not yes:
        raise UsageError("Nothing was changed. All that is sealed goes: give --yes.")
    desk.withdraw(state, by)
    typer.echo(
        "Withdrawn: what was sealed is gone. Its keys go as soon as the receiver reaches the "
        "keeper, and by themselves when their time is over."
    )


@app.command(epilog="Example: nabij location show --state ./receiver")
def show(*, state: ReceiverState, as_json: Json = False) -> None:
    """Say whether anything is kept, under which consent, and of how many."""
    from nabij.centre.location import desk

    found = desk.show(state)
    given = found.switch.consent
    if as_json:
        about = None
        if given is not None:
            about = {
                "council": given.council,
                "reference": given.reference,
                "on": f"{given.on}",
                "until": f"{given.until}",
                "for": list(found.names),
                "noted_by": given.noted_by,
            }
        print_json(
            {
                "on": found.is_on,
                "days": found.switch.days,
                "consent": about,
                "sealed": found.sealed,
                "keeper": found.keeper,
            }
        )
        return
    typer.echo(f"Location outside alarms is {'ON' if found.is_on else 'off'}.")
    if given is None:
        typer.echo("No consent of the works council holds: nothing is kept, whatever else is set.")
    else:
        whom = ", ".join(found.names) or "all"
        days = f"{given.on} to {given.until}"
        typer.echo(f"Consent: {given.council}, {given.reference}, {days}, for {whom}.")
    typer.echo(f"Term `location`: {counted(found.switch.days, 'day')}.")
    typer.echo(f"Sealed now: the last position of {counted(found.sealed, 'badge')}.")
    typer.echo(f"Trusted keeper: {found.keeper[:16] or 'none yet, the first one is'}.")


@app.command(epilog="Example: nabij location trust --yes --by j.smit --state ./receiver")
def trust(
    *,
    state: ReceiverState,
    yes: Annotated[bool, option("--yes", more="it was replaced")] = False,
    by: By = "",
) -> None:
    """Trust the next keeper that listens, in place of the one of now: it was replaced."""
    from nabij.centre.location import desk

    if not yes:
        raise UsageError(
            "Nothing was changed. Whoever listens next is handed where people are: give --yes if "
            "you replaced the keeper yourself."
        )
    desk.trust(state, by)
    typer.echo("The next keeper is trusted. See that it is yours: `nabij location show`.")


@app.command(epilog="Example: nabij location compare keeper-log.jsonl --state ./receiver")
def compare(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", dir_okay=False, help="log.jsonl, from the folder of the keeper."
        ),
    ],
    *,
    state: ReceiverState,
    as_json: Json = False,
) -> None:
    """Hold the keeper's log against the audit; exit code 1 when one knows what the other hides."""
    from nabij.centre.keeper.ledger import MOST_BYTES
    from nabij.centre.location import desk
    from nabij.paths import read_file

    content = read_file(
        log, "the keeper's log", "give log.jsonl of its folder", EXIT_USAGE, most=MOST_BYTES
    )
    found = desk.compare(state, content)
    if as_json:
        print_json(
            {
                "opened": found.opened,
                "only_in_the_log": list(found.untold),
                "only_in_the_audit": list(found.unlogged),
            }
        )
    else:
        typer.echo(f"Positions were opened for {counted(found.opened, 'incident')}.")
        for number in found.untold:
            typer.echo(f"INCIDENT {number}: the keeper opened it, and the audit says nothing.")
        for number in found.unlogged:
            typer.echo(f"INCIDENT {number}: the audit says so, and this log does not.")
    if found.untold or found.unlogged:
        raise typer.Exit(EXIT_FAILURE)


def _day(text: str, flag: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} '{text[:20]}' is no day: write it as 2026-12-24.") from error
