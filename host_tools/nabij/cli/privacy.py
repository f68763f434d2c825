"""`nabij privacy`: what is held of people, how long, the DPIA, a copy for one, an erasure."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json
from nabij.errors import UsageError

DPIA_EXAMPLE: Final = "Example: nabij privacy dpia --folder dpia --state ./receiver"

app = typer.Typer(
    no_args_is_help=True,
    help="What is held of people: terms, the DPIA, a copy for one person, an erasure.",
    epilog=DPIA_EXAMPLE,
)
Who = Annotated[str, typer.Argument(metavar="PERSON", help="Name or number of a person.")]
By = Annotated[str, option("--by", more="for the audit")]
Lang = Annotated[str, option("--lang")]
Folder = Annotated[Path, option("--folder")]


@app.command("terms", epilog="Example: nabij privacy terms --state ./receiver")
def terms_command(*, state: ReceiverState, lang: Lang = "nl", as_json: Json = False) -> None:
    """Say how long each kind of data is kept, and why."""
    from nabij.centre.privacy import desk

    place = _language(lang)
    found = desk.read_terms(state)
    if as_json:
        rows = [
            {"kind": one.kind.name, "days": one.days, "reason": one.reason or one.kind.reason[1]}
            for one in found.values()
        ]
        print_json({"terms": rows})
        return
    for one in found.values():
        reason = one.reason or one.kind.reason[place]
        typer.echo(f"{one.kind.name:<11} {one.days:>5} d  {one.kind.what[place]} ({reason})")


@app.command(
    epilog="Example: nabij privacy term incident 1825 --reason 'claims' --state ./receiver"
)
def term(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="As `terms` names it.")],
    days: Annotated[int, typer.Argument(metavar="DAYS", help="So long; of location 0 is off.")],
    *,
    state: ReceiverState,
    reason: Annotated[str, typer.Option("--reason", help="Why so long: the DPIA says it.")],
    by: By = "",
) -> None:
    """Keep a kind of data so long from now on. What is older goes within minutes."""
    from nabij.centre.privacy import desk

    desk.keep_term(state, kind, days, reason, by)
    typer.echo(f"Kept: {kind} for {counted(days, 'day')}.")


@app.command("copy", epilog="Example: nabij privacy copy 'A. de Vries' --folder copy")
def copy_command(
    who: Who, *, state: ReceiverState, folder: Folder, by: By = "", lang: Lang = "nl"
) -> None:
    """Write all that is held on one person: JSON, and a page to read."""
    from nabij.centre.privacy import desk, pages

    language = _sheet_language(lang)
    found = desk.copy_for(state, who, by)
    for file in pages.write(folder, "person", found, pages.copy_of(found, language)):
        typer.echo(file)


@app.command(epilog="Example: nabij privacy erase 'A. de Vries' --yes --state ./receiver")
def erase(
    who: Who,
    *,
    state: ReceiverState,
    yes: Annotated[bool, option("--yes", more="nothing brings it back")] = False,
    by: By = "",
) -> None:
    """Take a person out of the records. Incidents stay, without whom they were about."""
    from nabij.centre.privacy import desk

    number = desk.check_erase(state, who)
    if not yes:
        raise UsageError(f"Nothing was erased. Person {number} can be, for good: give --yes.")
    desk.erase_now(state, number, by)
    typer.echo(
        f"Erased: what was held on them is gone, and they are #{number} where something had to "
        "stay. Backups of before still have it: remove them when their time comes."
    )


@app.command(epilog=DPIA_EXAMPLE)
def dpia(*, state: ReceiverState, folder: Folder, lang: Lang = "nl") -> None:
    """Write the data protection impact assessment of this receiver as it is set now."""
    from nabij.centre.privacy import desk, pages

    language = _sheet_language(lang)
    found = desk.assess(state)
    for file in pages.write(folder, "dpia", found, pages.dpia(found, language)):
        typer.echo(file)


def _sheet_language(text: str) -> Any:
    from nabij.centre.workforce.sheets import Language

    _language(text)
    return Language(text)


def _language(text: str) -> int:
    """Where its words stand in a pair of them."""
    if text not in {"nl", "en"}:
        raise UsageError(f"'{text}' is no language here: give nl or en.")
    return ("nl", "en").index(text)
