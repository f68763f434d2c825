"""An output that nobody reads any more is no error, and ends no work that is half done."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from nabij.centre.register.enrol import enrol
from tests.host.centre.served import NABIJ, Served


def unread(*words: str, both: bool = False, unbuffered: bool = False) -> tuple[int, str]:
    """The exit code of a verb whose output nobody reads, and what it complained of."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | ({"PYTHONUNBUFFERED": "1"} if unbuffered else {})
    done = subprocess.run(
        [*NABIJ, *words],
        stdout=writing,
        stderr=writing if both else subprocess.PIPE,
        env=environment,
        timeout=60,
        check=False,
    )
    os.close(writing)
    return done.returncode, (done.stderr or b"").decode()


@pytest.mark.parametrize("words", [["--help"], ["data", "import", "--help"], ["--version"]])
@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_pipe_that_is_closed_early_is_no_error(words: list[str], *, unbuffered: bool) -> None:
    assert unread(*words, unbuffered=unbuffered) == (0, "")


def test_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    assert unread("enrol", "b-1", "--state", str(tmp_path)) == (0, "")
    assert (tmp_path / "badges" / "b-1" / "identity.json").is_file()


def test_a_failure_stays_one_when_its_sentence_is_not_read(tmp_path: Path) -> None:
    assert unread("config", "check", str(tmp_path / "gone.toml"), both=True)[0] == 2


def test_a_receiver_whose_lines_nobody_reads_takes_alarms_and_prints_them_later(
    tmp_path: Path,
) -> None:
    enrol(tmp_path, "badge-1", wearer="Anna")
    served = Served(tmp_path)
    served.line()
    assert served.process.stdout is not None
    served.process.stdout.close()
    served.alarm("badge-1", 1)
    served.process.send_signal(signal.SIGTERM)
    served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    again = Served(tmp_path)
    assert again.line().startswith("Ready")
    assert again.line().startswith("SOS  Anna (badge badge-1)")
    assert again.end(signal.SIGTERM)[0] == 0
