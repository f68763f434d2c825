"""`nabij fleet`: what a cable does with one badge, by the link with many."""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from nabij.cli import completion
from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json
from nabij.errors import EXIT_FAILURE, UsageError
from nabij.terminal import output_console, print_table

if TYPE_CHECKING:
    from nabij.centre.fleet.jobs import Job

CONFIG_EXAMPLE: Final = (
    "Example: nabij fleet config keepalive_s=60 --all-badges --state ./receiver --follow"
)
RENEW_EXAMPLE: Final = "Example: nabij fleet renew --all-badges --state ./receiver --follow"
UPDATE_EXAMPLE: Final = "Example: nabij fleet update --badge nb-0001 --state ./receiver --follow"
_LOOK_S: Final = 1.0

app = typer.Typer(
    no_args_is_help=True,
    help="Change badges by the link, a few at a time: settings, firmware, certificates.",
    epilog=CONFIG_EXAMPLE,
)

Badges = Annotated[list[str] | None, option("--badge", more="this one; give it again for each")]
AllBadges = Annotated[bool, option("--all-badges")]
AtOnce = Annotated[int, option("--at-once", min=1, max=200)]
HaltAt = Annotated[int, option("--halt-at", min=0, max=100, metavar="PERCENT")]
Follow = Annotated[bool, option("--follow")]
By = Annotated[str, option("--by")]


@app.command(epilog=CONFIG_EXAMPLE)
def config(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE | NAME=VALUE ...",
            help="A TOML file, or settings (name=default takes one back).",
            autocompletion=completion.changes,
        ),
    ],
    *,
    state: ReceiverState,
    badge: Badges = None,
    all_badges: AllBadges = False,
    at_once: AtOnce = 10,
    halt_at: HaltAt = 10,
    by: By = "",
    follow: Follow = False,
    as_json: Json = False,
) -> None:
    """Put settings in force on badges that are off shift: tried for one start, then confirmed.

    A file replaces all settings; name=value changes those named. A badge goes back by itself when
    it fails with them or its link stays away. Badges that are away get them when they are back.
    """
    from nabij.centre.fleet.jobs import CONFIG
    from nabij.settings.asked import asked

    wanted = asked(words)
    what = words[0] if wanted.file is not None else " ".join(words)
    content = wanted.to_json()
    badges = _badges(badge, all_=all_badges)
    job = _begin((CONFIG, what, content), state, badges, (at_once, halt_at), by)
    _follow(job, state, follow=follow, as_json=as_json)


@app.command(epilog=UPDATE_EXAMPLE)
def update(
    *,
    state: ReceiverState,
    badge: Badges = None,
    all_badges: AllBadges = False,
    at_once: AtOnce = 10,
    halt_at: HaltAt = 10,
    build: Annotated[int | None, option("--build", min=1)] = None,
    processor: Annotated[
        str,
        typer.Option("--processor", help="What the badges have: x64 for virtual ones."),
    ] = "xtensawin",
    by: By = "",
    follow: Follow = False,
    as_json: Json = False,
) -> None:
    """Send the application of this Nabij to badges, and start it on those that are off shift.

    Each badge goes on where it stopped, and falls back by itself from one that does not work.
    """
    from nabij.centre.fleet import desk
    from nabij.centre.fleet.jobs import UPDATE
    from nabij.usb.build import ARCHITECTURES, build_app
    from nabij.usb.update import package as packed

    if processor not in ARCHITECTURES[1:]:
        raise UsageError(f"There is no processor '{processor}': leave --processor out.")
    badges = _badges(badge, all_=all_badges)
    # Compiling takes a while.
    desk.check(state, badges)
    with tempfile.TemporaryDirectory(prefix="nabij-update-") as folder:
        made = build_app(Path(folder), arch=processor, build=build)
        package = packed(made)
    what = f"{package.version}, build {package.build}"
    job = _begin((UPDATE, what, package.to_json()), state, badges, (at_once, halt_at), by)
    _follow(job, state, follow=follow, as_json=as_json)


@app.command(epilog=RENEW_EXAMPLE)
def renew(
    *,
    state: ReceiverState,
    badge: Badges = None,
    all_badges: AllBadges = False,
    at_once: AtOnce = 10,
    halt_at: HaltAt = 10,
    by: By = "",
    follow: Follow = False,
    as_json: Json = False,
) -> None:
    """Give badges a certificate that lasts longer, for the key they have: tried, then kept.

    A badge whose certificate lasts as long already keeps it, and one that is not let in with the
    new one goes back by itself. What signs is the authority in this folder, for badges enrolled
    here; for the others the receiver at work, which then has to have it.
    """
    from nabij.centre.fleet import desk, renewals
    from nabij.centre.fleet.jobs import RENEW
    from nabij.centre.register.pki import VALID_TO

    badges = _badges(badge, all_=all_badges)
    desk.check(state, badges)
    what = f"to {VALID_TO:%Y-%m-%d}"
    job = _begin(
        (RENEW, what, renewals.sign(state, badges)), state, badges, (at_once, halt_at), by
    )
    _follow(job, state, follow=follow, as_json=as_json)


@app.command(epilog="Example: nabij fleet status 3 --state ./receiver")
def status(
    job_id: Annotated[
        int | None,
        typer.Argument(metavar="JOB", min=1, help="This one, with its badges; all if left out."),
    ] = None,
    *,
    state: ReceiverState,
    as_json: Json = False,
) -> None:
    """Show how far jobs are; exit code 1 for a job that halted, or in which a badge failed."""
    from nabij.centre.fleet import desk

    if job_id is not None:
        _show_end(desk.job(state, job_id), as_json=as_json)
        return
    found = desk.newest(state)
    if as_json:
        print_json({"jobs": [one.fields() for one in found]})
        return
    if not found:
        typer.echo("No job yet.")
    for one in found:
        typer.echo(_sentence(one))


@app.command(epilog="Example: nabij fleet stop 3 --state ./receiver --by 'J. Smit'")
def stop(
    job_id: Annotated[int, typer.Argument(metavar="JOB", min=1, help="The job to stop.")],
    *,
    state: ReceiverState,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Begin nothing more of a job; settings that are on trial are dropped by their badges."""
    from nabij.centre.fleet import desk

    found = desk.stop(state, job_id, by)
    if as_json:
        print_json(found.fields())
    else:
        typer.echo(_sentence(found))


def _badges(badges: list[str] | None, *, all_: bool) -> tuple[str, ...]:
    if all_ == bool(badges):
        raise UsageError("Say which badges: --badge for each of them, or --all-badges.")
    return tuple(badges or ())


def _begin(
    act: tuple[str, str, bytes],
    state: Path,
    badges: tuple[str, ...],
    pace: tuple[int, int],
    by: str,
) -> "Job":
    from nabij.centre.asking import request_name
    from nabij.centre.fleet import desk
    from nabij.centre.fleet.jobs import Wanted

    kind, what, content = act
    at_once, halt_at = pace
    wanted = Wanted(
        request=request_name(),
        kind=kind,
        what=what,
        content=content,
        badges=badges,
        at_once=at_once,
        halt_percent=halt_at,
        by=" ".join(by.split()),
        at_ms=time.time_ns() // 1_000_000,
    )
    return desk.begin(state, wanted)


def _follow(job: "Job", state: Path, *, follow: bool, as_json: bool) -> None:
    from nabij.centre.fleet import desk
    from nabij.centre.fleet.jobs import RUNNING

    if not follow:
        if as_json:
            print_json(job.fields())
        else:
            typer.echo(
                f"Job {job.id} is kept for {counted(len(job.steps), 'badge')}: "
                f"`nabij fleet status {job.id}` shows how far it is."
            )
        return
    said = ""
    while job.state == RUNNING:
        sentence = _sentence(job)
        if sentence != said and not as_json:
            typer.echo(sentence)
        said = sentence
        time.sleep(_LOOK_S)
        job = desk.job(state, job.id)
    _show_end(job, as_json=as_json)


def _show_end(job: "Job", *, as_json: bool) -> None:
    from nabij.centre.fleet.jobs import FAILED, HALTED

    if as_json:
        print_json(job.fields())
    else:
        typer.echo(_sentence(job))
        table = Table(box=None, pad_edge=False)
        for heading in ("badge", "state", "what it says"):
            table.add_column(heading)
        for step in job.steps:
            table.add_row(step.badge, step.state, step.said)
        print_table(output_console(), table)
    if job.state == HALTED or job.count(FAILED):
        raise typer.Exit(EXIT_FAILURE)


def _sentence(job: "Job") -> str:
    from nabij.centre.fleet.jobs import DONE, FAILED, TRIAL, WAITING

    counts = ", ".join(
        f"{job.count(state)} {state}"
        for state in (DONE, TRIAL, WAITING, FAILED)
        if job.count(state)
    )
    return f"Job {job.id}, {job.kind} {job.what}: {job.state}; {counts}."
