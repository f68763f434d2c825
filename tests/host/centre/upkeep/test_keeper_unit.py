"""The keeper's unit has a user, a folder and a socket of its own, and no network."""

import shutil
import subprocess
from pathlib import Path

import pytest

from nabij.centre.upkeep import keeper_unit
from nabij.errors import UsageError


def test_it_has_nothing_of_the_receiver() -> None:
    text = keeper_unit.text("nabij-keeper", "nabij", 4, 6)
    for line in ("User=nabij-keeper", "PrivateNetwork=true", "StateDirectoryMode=0700"):
        assert line in text.splitlines()
    assert f"--socket {keeper_unit.SOCKET} \\" in text
    with pytest.raises(UsageError, match="cannot be both"):
        keeper_unit.text("nabij", "nabij", 4, 6)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_reads_it(tmp_path: Path) -> None:
    file = tmp_path / keeper_unit.NAME
    file.write_text(keeper_unit.text("root", "nabij", 4, 6))
    done = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
