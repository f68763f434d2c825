"""The `nabij` command, and `nabij serve`, in processes of their own."""

import signal
import subprocess
import sys
import weakref
from pathlib import Path

from tests.host.centre import steps
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.places import REPO
from tests.ports import free_port

NABIJ = [sys.executable, "-c", "from nabij.cli.app import app; app(prog_name='nabij')"]


def nabij(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NABIJ, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


class Served:
    """`nabij serve` in a process of its own.

    With a folder for `stops` it stops at the steps that are armed there (steps.py).
    """

    def __init__(
        self, state: Path, *options: str, port: int | None = None, stops: Path | None = None
    ) -> None:
        self.state = state
        self.port = port or free_port()
        program = NABIJ if stops is None else steps.NABIJ
        self.process = subprocess.Popen(
            [*program, "serve", "--state", str(state), "--port", str(self.port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO,
            env=None if stops is None else steps.environment(stops),
        )
        # A test that fails before end() leaves nothing running.
        weakref.finalize(self, self.process.kill)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def complaint(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def alarm(self, badge: str, seq: int) -> None:
        client = BadgeClient(self.state / "badges" / badge, port=self.port)
        client.insist(seq)
        client.close()

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=LONG_S)
        return self.process.returncode, output, errors
