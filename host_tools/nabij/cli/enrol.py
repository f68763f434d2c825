"""`nabij enrol`: a badge that the receiver knows, and the folder to provision it with."""

from typing import Annotated

import typer

from nabij.cli.options import Addresses, Apn, Json, State, TcpPort, Wearer, option
from nabij.cli.output import print_json

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij enrol badge-0007 --state ./receiver --wearer 'A. de Vries'")
def enrol(
    *,
    badge: Annotated[str, typer.Argument(help="Id: 1 to 32 letters, digits and dashes.")],
    state: State,
    host: Annotated[str, option("--host")] = "localhost",
    port: TcpPort = 8883,
    also_at: Addresses = None,
    apn: Apn = "",
    wearer: Wearer = "",
    force: Annotated[
        bool,
        option("--force", more="key and certificate; the old ones are refused"),
    ] = False,
    gateway: Annotated[
        bool,
        typer.Option("--gateway", help="It is a gateway, for `nabij gateway` to run with."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a badge known to the receiver and write the folder it is provisioned with."""
    from nabij.centre.register import enrol as enrolment

    folder = enrolment.enrol(
        state,
        badge,
        host=host,
        port=port,
        apn=apn,
        wearer=wearer,
        settings=enrolment.with_addresses({}, also_at or ()),
        force=force,
        gateway=gateway,
    )
    if gateway:
        badge = enrolment.gateway_name(badge)
    if as_json:
        print_json({"badge": badge, "folder": str(folder), "host": host, "port": port})
    elif gateway:
        typer.echo(
            f"Gateway {badge} is enrolled. Bring {folder} to its machine, run `nabij gateway` "
            "with it there, and remove it here: it holds the gateway's secrets."
        )
    else:
        typer.echo(
            f"Badge {badge} is enrolled. Put {folder} on the badge, then keep it safe or "
            "remove it: it holds the badge's secrets."
        )
