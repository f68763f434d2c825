"""The options that several verbs take: one spelling, one meaning, one form each."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from badge.core.settings.fields import PROFILES
from nabij.cli import completion
from nabij.cli.completion import one_of
from nabij.paths import STATE_VARIABLE, default_state, known_state

# What a flag means in every verb that has it. A verb may say more, and nothing else.
MEANINGS: Final = {
    "--all-badges": "All badges that are enrolled",
    "--also-at": "Where else badges find the receiver, as host:port; give it again for each",
    "--apn": "Access point of the SIM; empty for the network's own",
    "--at-once": "At most so many badges at a time",
    "--badge": "Id of a badge",
    "--board": "Which board it is",
    "--build": "Build number, which may not fall; else the time of the last commit",
    "--by": "Who does it",
    "--config": "Settings: a TOML file, or the name of shipped ones (neck, belt)",
    "--claims": "Positions opened in an hour on the receiver's word alone",
    "--database": "PostgreSQL server that keeps the records",
    "--dry-run": "Change nothing and say",
    "--folder": "Where the files are written",
    "--follow": "Show how far it is until it is over",
    "--force": "Replace what is there",
    "--halt-at": "Halt when of the badges that are through more than so many have failed",
    "--host": "Name or address under which badges find the receiver",
    "--hours": "How long",
    "--json": "Print JSON, for a script",
    "--keep-hours": "So long after a shift its key is kept",
    "--lang": "Language of headings: nl or en",
    "--listen": "Address to listen on; 0.0.0.0 for all",
    "--note": "What to keep with the incident",
    "--output": "What to write (- is standard output)",
    "--passphrase-file": "File with the passphrase in its first line; asked for, if left out",
    "--placement": "Place of the body, as neck, waist or chest",
    "--port": "TCP port of the receiver: MQTT over TLS",
    "--profile": f"Profile of settings: {' or '.join(PROFILES)}",
    "--receiver-user": "Who the receiver runs as",
    "--report": "Write a report to look at, one HTML file",
    "--seed": "Same seed, same result",
    "--socket": "Socket on which the keeper listens",
    "--source-rate": "Rate of the file in Hz; then no column of time counts",
    "--state": "Folder of the receiver",
    "--subjects": "Only these people: names or patterns, as SA01,SE*",
    "--until": "The last day",
    "--user": "Who runs it",
    "--wearer": "Who wears it, as the operator should read it",
    "--yes": "Do it",
}
# What others were called once, by verb and old name.
RENAMED: Final = {
    ("data import", "--badge"): "--as-badge",
    ("data import", "--rate"): "--resample",
    ("sim", "--rate"): "--source-rate",
    ("trace", "--report"): "--junit",
    ("pull", "--out"): "--output",
    ("config get", "--out"): "--output",
}


def option(name: str, *others: str, more: str = "", **how: Any) -> Any:
    """A flag of MEANINGS, with what a verb has to add to its meaning."""
    words = f"{MEANINGS[name]}: {more}" if more else MEANINGS[name]
    return typer.Option(name, *others, help=f"{words}.", **how)


def state_option(more: str, folder: Callable[[], Path | None]) -> Any:
    """--state, which `folder` finds when it is left out."""
    return option(
        "--state",
        more=f"{more}; {STATE_VARIABLE}, or one of this user, if left out",
        file_okay=False,
        default_factory=folder,
        show_default=False,
    )


Address = Annotated[
    str | None,
    typer.Argument(
        metavar="BADGE",
        help="Port, id:<serial>, socket:// or rfc2217:// address; the only badge if left out.",
        autocompletion=one_of(completion.badges),
    ),
]
Addresses = Annotated[list[str] | None, option("--also-at", metavar="HOST:PORT")]
Apn = Annotated[str, option("--apn")]
Board = Annotated[
    str,
    option("--board", more="one of hardware/boards", autocompletion=one_of(completion.boards)),
]
Config = Annotated[str | None, option("--config", autocompletion=one_of(completion.configs))]
Json = Annotated[bool, option("--json")]
State = Annotated[Path, state_option("made on first use", default_state)]
ReceiverState = Annotated[Path, state_option("one that was used", default_state)]
KeyState = Annotated[Path | None, state_option("which has the badge's service key", known_state)]
NeededKeyState = Annotated[Path, state_option("which has the badge's service key", default_state)]
TcpPort = Annotated[int, option("--port", min=1, max=65535)]
Bundles = Annotated[
    list[Path], typer.Argument(metavar="BUNDLE...", help="Trace bundles: folders with index.csv.")
]
Placement = Annotated[
    str | None,
    option(
        "--placement",
        more="only recordings made there",
        autocompletion=one_of(completion.placements),
    ),
]
OnePlacement = Annotated[
    str | None,
    option(
        "--placement",
        more="needed when there are several",
        autocompletion=one_of(completion.placements),
    ),
]
Profile = Annotated[str | None, option("--profile", autocompletion=one_of(completion.profiles))]
Report = Annotated[Path | None, option("--report")]
Seed = Annotated[int, option("--seed", min=0)]
Subjects = Annotated[str | None, option("--subjects")]
Wearer = Annotated[str, option("--wearer")]
