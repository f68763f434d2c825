"""The options that several verbs take: one spelling, one meaning, one help text each."""

from pathlib import Path
from typing import Annotated

import typer

Address = Annotated[
    str | None,
    typer.Argument(
        metavar="BADGE",
        help="Port, id:<serial>, socket:// or rfc2217:// address; the only badge if left out.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
State = Annotated[
    Path,
    typer.Option("--state", help="Folder of the receiver; made on first use.", file_okay=False),
]
ReceiverState = Annotated[
    Path, typer.Option("--state", help="Folder of a receiver that was used.", file_okay=False)
]
KeyState = Annotated[
    Path | None,
    typer.Option("--state", help="Folder of the receiver, which has the badge's service key."),
]
TcpPort = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of MQTT over TLS.")]
Bundles = Annotated[
    list[Path], typer.Argument(metavar="BUNDLE...", help="Trace bundles: folders with index.csv.")
]
Placement = Annotated[
    str | None,
    typer.Option("--placement", help="Only recordings made there, as neck, waist or chest."),
]
Subjects = Annotated[
    str | None,
    typer.Option("--subjects", help="Only these people: names or patterns, as SA01,SE*."),
]
