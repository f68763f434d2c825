"""`nabij sim`: a virtual badge in the terminal."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.worlds import make_site

COMMAND = (sys.executable, "-m", "nabij.cli", "sim")


def test_a_folder_without_an_identity_is_named_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "identity.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_enter_squeezes_the_button_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    badge = subprocess.Popen(
        [*COMMAND, str(site.provision)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert badge.stdin is not None
    assert badge.stdout is not None
    heard = ""
    for line in badge.stdout:
        heard += line
        if " armed " in line:
            badge.stdin.write("\n")
            badge.stdin.flush()
        if "alarm.durable" in line:
            break
    badge.send_signal(signal.SIGINT)
    rest, _ = badge.communicate(timeout=20)
    assert "kind=sos" in heard
    assert "Stopped." in rest
    assert badge.returncode == 0
