"""`nabij incident`: what a person does with an alarm until the console of the centre is there."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from badge.core.codec import wire
from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import print_json

if TYPE_CHECKING:
    from nabij.centre.incidents.handling import Dossier

LIST_EXAMPLE: Final = "Example: nabij incident list --state ./receiver"
CLOSE_EXAMPLE: Final = (
    "Example: nabij incident close 3 --state ./receiver --by 'J. Smit' --note 'Spoke to her.'"
)

EXPORT_EXAMPLE: Final = (
    "Example: nabij incident export 3 ./files --state ./receiver --by 'J. Smit'"
)
MOTION_EXAMPLE: Final = "Example: nabij incident motion 3 -o ./fall --state ./receiver"
VERIFY_EXAMPLE: Final = "Example: nabij incident verify incident-3.html --key receiver.pem"

app = typer.Typer(
    no_args_is_help=True,
    help="See, take and close incidents; export one as signed files, verify such a file.",
    epilog=CLOSE_EXAMPLE,
)

_MOST_BYTES: Final = 64 << 20

Id = Annotated[
    int | None,
    typer.Argument(metavar="ID", min=1, help="The incident; the only open one if left out."),
]
By = Annotated[str, typer.Option("--by", help="Who does it; closing needs a name.")]
Note = Annotated[str, typer.Option("--note", help="What to keep with the incident.")]


@app.command("list", epilog=LIST_EXAMPLE)
def list_command(
    incident_id: Annotated[
        int | None,
        typer.Argument(metavar="ID", min=1, help="This one; the open ones if left out."),
    ] = None,
    *,
    state: ReceiverState,
    all_: Annotated[bool, typer.Option("--all", help="The closed ones too.")] = False,
    badge: Annotated[str | None, option("--badge", more="only those of it")] = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, metavar="N", help="Only the newest N.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show incidents: what the badge said, and what was done with it by whom."""
    from nabij.centre import operator
    from nabij.centre.cells.circles import ATTRIBUTION

    if incident_id is not None:
        found = [operator.incident(state, incident_id)]
    else:
        find = operator.all_incidents if all_ else operator.open_incidents
        found = find(state, badge=badge, last=last)
    now_ms = time.time_ns() // 1_000_000
    if as_json:
        print_json({"incidents": [one.fields(now_ms) for one in found]})
        return
    if not found:
        typer.echo("No incident yet." if all_ else "No incident is open.")
    for one in found:
        typer.echo(one.incident.sentence(now_ms))
        for sentence in one.where.sentences(now_ms):
            typer.echo(f"  where: {sentence}")
        if one.where.shows_cells():
            typer.echo(f"  {ATTRIBUTION}")
        if one.where.trouble:
            typer.echo(f"  {one.where.trouble}")
        for line in _history(one):
            typer.echo(f"  {line}")


def _verb(name: str, state_: int, example: str, doc: str) -> None:
    @app.command(name, help=doc, epilog=example)
    def command(
        incident_id: Id = None,
        *,
        state: ReceiverState,
        by: By = "",
        note: Note = "",
        as_json: Json = False,
    ) -> None:
        _move(incident_id, state, state_, by=by, note=note, as_json=as_json)


_verb(
    "take",
    wire.STATUS_TAKEN,
    "Example: nabij incident take 3 --state ./receiver --by 'J. Smit'",
    "Take an incident: the wearer feels that a person has the alarm.",
)
_verb(
    "help",
    wire.STATUS_HELP_COMING,
    "Example: nabij incident help 3 --state ./receiver --by 'J. Smit' --note 'Van 4, 10 min.'",
    "Say that help is on its way: the wearer feels it.",
)
_verb(
    "close",
    wire.STATUS_CLOSED,
    CLOSE_EXAMPLE,
    "Close an incident: the badge ends its alarm, of which nothing is felt.",
)


@app.command(epilog=EXPORT_EXAMPLE)
def export(
    incident_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The incident.")],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", file_okay=False, help="Where to write the files.")
    ],
    *,
    state: ReceiverState,
    by: Annotated[str, option("--by", more="for the audit")] = "",
    lang: Annotated[str, option("--lang")] = "en",
    as_json: Json = False,
) -> None:
    """Write all of an incident as one HTML and one JSON file, signed; it stands in the audit.

    Whoever has the public key (`nabij incident key`) can check them without this receiver.
    """
    from nabij.centre.handover import files
    from nabij.centre.languages import LANGUAGES
    from nabij.errors import UsageError
    from nabij.paths import PRIVATE, make_folder, write_file

    if lang not in LANGUAGES:
        raise UsageError(f"'{lang}' is no language here: give {' or '.join(LANGUAGES)}.")
    found = files.export(state, incident_id, " ".join(by.split()), lang)
    make_folder(folder)
    for name, content in found.items():
        write_file(folder / name, content, PRIVATE)
    names = [str(folder / name) for name in found]
    if as_json:
        print_json({"files": names})
        return
    typer.echo(f"Written: {' and '.join(names)}.")


@app.command(epilog=MOTION_EXAMPLE)
def motion(
    incident_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The incident.")],
    *,
    state: ReceiverState,
    output: Annotated[
        Path | None,
        option("--output", "-o", more="the bundle; ./incident-<ID>-motion if left out"),
    ] = None,
    by: Annotated[str, option("--by", more="for the audit")] = "",
    as_json: Json = False,
) -> None:
    """Write the motion around an alarm, as its badge sent it, as a bundle for `nabij replay`.

    That it was taken stands in the audit; with what the badge knew, replay decides as it did.
    """
    from nabij.centre.motion import desk
    from nabij.paths import require_parent

    bundle = output or Path(f"incident-{incident_id}-motion")
    require_parent(bundle)
    found = desk.write_out(state, incident_id, bundle, " ".join(by.split()))
    if as_json:
        bundle_, config = str(found.bundle), found.config
        print_json({"bundle": bundle_, "trial": found.trial, "config": config})
        return
    typer.echo(f"Written: {found.trial} in {found.bundle}.")
    if found.config is None:
        typer.echo("Its badge decided by settings of its own: replay with --config and those.")
    else:
        typer.echo(f"To replay: nabij replay {found.bundle} --config {found.config}")


@app.command(epilog=VERIFY_EXAMPLE)
def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, help="What `export` wrote.")
    ],
    *,
    key: Annotated[
        Path,
        typer.Option(
            "--key", dir_okay=False, help="The receiver's public key: `key`, or /incidents.pem."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Check that a file is what the receiver of that key signed; exit code 1 when it is not."""
    from nabij.centre.incidents import signed_file
    from nabij.errors import EXIT_USAGE
    from nabij.paths import read_file

    pem = read_file(key, "the key", "give what the receiver published", EXIT_USAGE)
    content = read_file(file, "the file", "give what `export` wrote", EXIT_USAGE, most=_MOST_BYTES)
    try:
        kind = signed_file.verify(content, signed_file.public_of(pem))
    except signed_file.ChangedFileError as error:
        raise signed_file.ChangedFileError(f"{file}: {error.sentence}") from error
    if as_json:
        print_json({"file": str(file), "kind": kind, "valid": True})
        return
    typer.echo(f"{file} is, to the last byte, what this receiver signed.")


@app.command(epilog="Example: nabij incident key --state ./receiver > receiver.pem")
def key(*, state: ReceiverState) -> None:
    """Print the public key by which anybody checks such files, as PEM, to be published."""
    from nabij.centre.handover import files

    typer.echo(files.public_pem(state), nl=False)


def _move(
    incident_id: int | None, state: Path, to: int, *, by: str, note: str, as_json: bool
) -> None:
    from nabij.centre import operator
    from nabij.centre.incidents.handling import WORDS

    which = operator.the_open_one(state) if incident_id is None else incident_id
    done = operator.take_action(state, which, to, by=by, note=note)
    if as_json:
        now_ms = time.time_ns() // 1_000_000
        print_json({**done.dossier.fields(now_ms), "served": done.served})
        return
    from nabij.centre.incidents.incident import OWN_BOOT
    from nabij.centre.incidents.words import who

    found = done.dossier.incident
    if found.boot == OWN_BOOT:
        told = "The receiver found it by itself: the badge is told nothing."
    elif found.ended:
        told = "Its wearer has ended it, so the badge is told no more."
    elif (found.duress or found.false_alarm) and to != wire.STATUS_CLOSED:
        why = "Under duress" if found.duress else "After a false alarm was asked for"
        told = f"{why} the badge is told only that it was received."
    elif done.served:
        told = "The badge is told."
    else:
        told = "No receiver runs: the badge is told once `nabij serve` does."
    typer.echo(f"Incident {which}, {who(found.wearer, found.badge)}: {WORDS[to]}. {told}")


def _history(dossier: "Dossier") -> list[str]:
    from nabij.centre.incidents.handling import WORDS
    from nabij.centre.incidents.words import local_time

    lines = [
        f"{WORDS[action.state]} at {local_time(action.at_ms)}"
        + (f" by {action.by}" if action.by else "")
        + (f": {action.note}" if action.note else "")
        for action in dossier.actions
    ]
    last = dossier.actions[-1].state if dossier.actions else wire.STATUS_RECEIVED
    if dossier.incident.state != last:
        lines.append(f"now: {WORDS[dossier.incident.state]}")
    handed = [one.sentence() for one in dossier.handed]
    carried = [one.sentence() for one in dossier.carriers]
    return [*lines, *handed, *carried, *(one.sentence() for one in dossier.sms)]
