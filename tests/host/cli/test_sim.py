"""`nabij sim`: a virtual badge in the terminal."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nabij.cli.sim import Refusals, steps_of
from nabij.errors import NabijError
from nabij.virtual.scenario import Scenario
from tests.worlds import make_site

NABIJ = (sys.executable, "-m", "nabij.cli")
COMMAND = (*NABIJ, "sim")
LONG_S = 120.0
# A script's background job starts with SIGINT ignored, and must not be deaf to Ctrl-C.
BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


def heard_until(
    last: str, typed: str, *arguments: str, once_armed: Callable[[], None] = lambda: None
) -> tuple[str, int]:
    """Type into a live badge once it is armed; all it printed, Ctrl-C after `last`, its code."""
    badge = subprocess.Popen(
        [*BACKGROUND, *COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    heard = ""
    # So that what it prints has an end, whatever it does not print.
    limit = threading.Timer(LONG_S, badge.terminate)
    limit.start()
    try:
        assert badge.stdin is not None
        assert badge.stdout is not None
        for line in badge.stdout:
            heard += line
            if " armed " in line:
                once_armed()
                badge.stdin.write(typed)
                badge.stdin.flush()
            if last in line:
                break
        badge.send_signal(signal.SIGINT)
        rest, _ = badge.communicate(timeout=LONG_S)
    finally:
        limit.cancel()
        limit.join()
        badge.kill()
        badge.wait()
    return heard + rest, badge.returncode


def test_a_folder_without_an_identity_is_named_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "identity.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_enter_squeezes_the_button_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    heard, code = heard_until("alarm.durable", "\n", str(site.provision))
    assert "kind=sos" in heard
    assert "Stopped." in heard
    assert code == 0


def test_a_badge_on_usb_is_found_by_the_other_verbs_and_leaves_no_port_behind(
    tmp_path: Path,
) -> None:
    port = tmp_path / "badge-port"
    listed: list[str] = []

    def ask() -> None:
        listed.append(subprocess.check_output([*NABIJ, "devices", str(port), "--json"], text=True))

    heard, code = heard_until("alarm.durable", "\n", "--usb", str(port), once_armed=ask)
    [found] = json.loads(listed[0])["badges"]
    assert (found["trouble"], found["provisioned"]) == (None, False)
    # Each virtual badge has a number of its own.
    assert f"The badge id:{found['serial']} is on {port}" in heard
    assert found["serial"] != Scenario().serial
    assert f"nabij devices {port}" in heard
    assert "kind=sos" in heard
    assert "!{" not in heard
    assert (code, port.is_symlink()) == (0, False)


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
    heard, _ = heard_until("shape=DOUBLE_TAP", "dance\nhold\ncancel\n", str(site.provision))
    assert "'dance' says nothing" in heard
    assert "gesture means=AMBER shape=HOLD" in heard
    assert "gesture means=END shape=DOUBLE_TAP" in heard


def test_each_button_can_be_tapped_alone_as_the_test_of_a_shift_asks() -> None:
    tapped = [[verb["button"] for verb, _ in steps_of(line)] for line in ("tap\n", "tap right\n")]
    assert tapped == [["left"], ["right"]]


def test_the_battery_takes_a_percentage_and_nothing_else() -> None:
    assert steps_of(" battery  12\n") == [({"do": "battery", "percent": 12}, 0.0)]
    for line in ("battery", "battery 101", "battery -1", "battery full"):
        with pytest.raises(NabijError, match="battery 12"):
            steps_of(line)


def test_a_host_that_is_not_called_is_named_once_with_what_to_do() -> None:
    said: list[str] = []
    refusals = Refusals(said.append)
    for host in ("alarm.example.org", "alarm.example.org", "192.0.2.1"):
        refusals.hear({"modem": "refused", "host": host, "why": "of no interest"})
    refusals.hear({"modem": "asleep"})
    refusals.hear(None)
    assert [one.split(",")[0] for one in said] == [
        "The badge calls alarm.example.org",
        "The badge calls 192.0.2.1",
    ]
    assert "give it --host localhost" in said[0]
