"""`nabij sim --fleet`: many light badges at a receiver of this machine, and what they cost."""

import secrets
from pathlib import Path

import typer

from nabij.cli.output import tell
from nabij.errors import UsageError
from nabij.paths import StatePaths

_TESTS_A_SECOND = 100.0


def run_fleet(count: int, state: Path, port: int) -> None:
    """Enrol, connect and try so many, say what they cost, and stay until Ctrl-C."""
    from nabij.centre.register.enrol import enrol_many
    from nabij.virtual import fleet

    if not StatePaths(state).lock.exists():
        raise UsageError(f"There is no receiver in {state}: start `nabij serve` there first.")
    fleet.allow(count)
    name = f"fleet-{secrets.token_hex(4)}"
    tell(f"Enrolling {count:,} badges, {name}-00000 and so on.")
    identities = enrol_many(state, [f"{name}-{number:05d}" for number in range(count)])
    with fleet.Fleet(identities, "localhost", port, fleet.broker_of(state)) as them:
        fleet.wait_until_let_in(identities[-1], "localhost", port)
        them.connect(lambda done: tell(f"{done:,} connected."))
        them.raise_tests(_TESTS_A_SECOND)
        for line in fleet.lines(them.figures):
            typer.echo(line)
        tell("They stay connected. Ctrl-C ends.")
        while True:
            them.stay(1.0)
