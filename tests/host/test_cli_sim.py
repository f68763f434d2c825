"""`nabij sim`: a virtual badge in the terminal."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from nabij.cli_sim import steps_of
from nabij.errors import NabijError
from tests.worlds import make_site

NABIJ = (sys.executable, "-m", "nabij.cli")
COMMAND = (*NABIJ, "sim")


def started(*arguments: str) -> tuple[subprocess.Popen[str], IO[str], IO[str]]:
    """A live badge in a terminal of its own: the process, what it is typed, what it prints."""
    badge = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert badge.stdin is not None
    assert badge.stdout is not None
    return badge, badge.stdin, badge.stdout


def heard_until(badge: subprocess.Popen[str], last: str, typed: str) -> str:
    """Type into the badge once it is armed; what it printed up to `last`, then Ctrl-C."""
    assert badge.stdin is not None
    assert badge.stdout is not None
    heard = ""
    for line in badge.stdout:
        heard += line
        if " armed " in line:
            badge.stdin.write(typed)
            badge.stdin.flush()
        if last in line:
            break
    badge.send_signal(signal.SIGINT)
    rest, _ = badge.communicate(timeout=20)
    return heard + rest


def test_a_folder_without_an_identity_is_named_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "identity.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_enter_squeezes_the_button_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    badge, _, _ = started(str(site.provision))
    heard = heard_until(badge, "alarm.durable", "\n")
    assert "kind=sos" in heard
    assert "Stopped." in heard
    assert badge.returncode == 0


def test_a_badge_on_usb_is_found_by_the_other_verbs_and_leaves_no_port_behind(
    tmp_path: Path,
) -> None:
    port = tmp_path / "badge-port"
    badge, typed, printed = started("--usb", str(port))
    heard = ""
    for line in printed:
        heard += line
        if " armed " in line:
            listed = subprocess.run(
                [*NABIJ, "devices", str(port), "--json"],
                check=True,
                capture_output=True,
                text=True,
            )
            typed.write("\n")
            typed.flush()
        if "alarm.durable" in line:
            break
    badge.send_signal(signal.SIGINT)
    rest, _ = badge.communicate(timeout=20)
    [found] = json.loads(listed.stdout)
    assert (found["trouble"], found["provisioned"]) == (None, False)
    assert f"nabij devices {port}" in heard
    assert "kind=sos" in heard
    assert "!{" not in heard + rest
    assert (badge.returncode, port.is_symlink()) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--usb"),
        (("--blank",), "add --usb"),
        (("--usb", "taken"), "taken is there already"),
        (("folder", "--usb", "port", "--blank"), "leave the folder or --blank out"),
    ],
)
def test_options_that_make_no_sense(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    done = subprocess.run(
        [*COMMAND, *arguments], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert says in done.stderr


def test_a_typed_word_is_done_to_the_badge(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    badge, _, _ = started(str(site.provision))
    heard = heard_until(badge, "shape=DOUBLE_TAP", "dance\nhold\ncancel\n")
    assert "'dance' says nothing" in heard
    assert "gesture means=AMBER shape=HOLD" in heard
    assert "gesture means=END shape=DOUBLE_TAP" in heard


def test_the_battery_takes_a_percentage_and_nothing_else() -> None:
    assert steps_of(" battery  12\n") == [({"do": "battery", "percent": 12}, 0.0)]
    for line in ("battery", "battery 101", "battery -1", "battery full"):
        with pytest.raises(NabijError, match="battery 12"):
            steps_of(line)
