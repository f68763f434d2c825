"""A receiver in a process of its own, made by a script that does to it what a test needs."""

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator

from tests.host.centre.desk import Desk


@contextlib.contextmanager
def running(script: str, desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """A receiver that is ready in a process of its own; killed at the end."""
    command = [sys.executable, "-c", textwrap.dedent(script), str(desk.state), str(desk.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
