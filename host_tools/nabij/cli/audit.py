"""`nabij audit`: whether the record of who did and saw what is what it was."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from nabij.cli.options import Json, ReceiverState
from nabij.cli.output import print_json
from nabij.errors import EXIT_USAGE, UsageError

VERIFY_EXAMPLE: Final = "Example: nabij audit verify --state ./receiver --anchors anchors.json"

app = typer.Typer(
    no_args_is_help=True,
    help="The record of who did and saw what: verify it, export its signed anchors.",
    epilog=VERIFY_EXAMPLE,
)


@app.command(epilog=VERIFY_EXAMPLE)
def verify(
    *,
    state: ReceiverState,
    anchors: Annotated[
        Path | None,
        typer.Option("--anchors", dir_okay=False, help="What `export` wrote on an earlier day."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Go through the whole record; exit code 1 when a line is gone, was added or was changed.

    Without anchors of an earlier day, who can write the database could have made all of it anew.
    """
    from nabij.centre import asking
    from nabij.centre.people import anchors as kept
    from nabij.paths import read_file

    given, key = [], None
    if anchors is not None:
        content = read_file(anchors, "the anchors", "give what `export` wrote", EXIT_USAGE)
        try:
            document = json.loads(content)
            given = [kept.of_fields(one) for one in document["anchors"]]
            key = bytes.fromhex(document["public_key"]) or None
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{anchors} has no anchors of an audit: give what `nabij audit export` wrote."
            ) from error
    paths = asking.paths_of(state)
    verdict = asking.read(paths, lambda one: kept.verify(one, given, key))
    if as_json:
        print_json({**verdict.__dict__, "head": verdict.head.hex(), "anchors": len(given)})
        return
    older = f", {verdict.before} are older than the chain" if verdict.before else ""
    erased = f", {verdict.erased} of them erased" if verdict.erased else ""
    beside = "" if given else " No anchors of an earlier day were given."
    typer.echo(f"The audit holds: {verdict.lines} lines{erased}{older}.{beside}")


@app.command(epilog="Example: nabij audit export --state ./receiver > anchors.json")
def export(*, state: ReceiverState) -> None:
    """Print the signed head of each day as JSON, to be kept where this machine cannot write."""
    from nabij.centre import asking
    from nabij.centre.people import anchors as kept

    paths = asking.paths_of(state)
    found = asking.read(paths, kept.all_of)
    key = asking.read(paths, kept.public_key)
    print_json({"public_key": (key or b"").hex(), "anchors": [one.fields() for one in found]})
