"""The real mpremote, as a library and as the command a person types, against the virtual badge."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from mpremote.transport_serial import SerialTransport

from nabij.usb.device import open_device
from nabij.usb.repl import Repl
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.worlds import Site

MPREMOTE = Path(sys.executable).parent / "mpremote"
TEXT = b"files of an engineer\n" * 40


def mpremote(port: str, *arguments: str) -> str:
    """What the command prints; its exit code says little, so tests look at effects."""
    done = subprocess.run(
        [str(MPREMOTE), "connect", port, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def armed(badge: VirtualUsbBadge) -> VirtualUsbBadge:
    """The module's badge, armed again after what the test before did to it."""
    if "The badge runs" not in badge.console[badge.console.rfind("raw REPL") :]:
        start = len(badge.log)
        mpremote(badge.port, "reset")
        badge.wait_for_log("armed can_send=True", start=start)
    return badge


def test_files_copied_to_a_badge_stay_over_resets(armed: VirtualUsbBadge, tmp_path: Path) -> None:
    source = tmp_path / "note.txt"
    source.write_bytes(TEXT)
    mpremote(armed.port, "cp", str(source), ":note.txt")
    assert f"{len(TEXT)} note.txt" in mpremote(armed.port, "ls")
    assert hashlib.sha256(TEXT).hexdigest() in mpremote(armed.port, "sha256sum", "note.txt")
    start = len(armed.log)
    mpremote(armed.port, "reset")
    armed.wait_for_log("armed can_send=True", start=start)
    assert armed.exit_codes[-1] == 42
    back = tmp_path / "back.txt"
    mpremote(armed.port, "cp", ":note.txt", str(back))
    assert back.read_bytes() == TEXT
    mpremote(armed.port, "rm", "note.txt")
    assert "note.txt" not in mpremote(armed.port, "ls")


def test_a_soft_reset_forgets_names_and_keeps_the_connection(armed: VirtualUsbBadge) -> None:
    assert mpremote(armed.port, "exec", "x = 41", "exec", "print(x + 1)").strip() == "42"
    mpremote(armed.port, "soft-reset")
    assert armed.exit_codes[-1] == 0
    said = mpremote(armed.port, "resume", "exec", "print('x' in globals())")
    assert said.strip() == "False"


def test_the_library_runs_code_and_moves_files(armed: VirtualUsbBadge) -> None:
    transport = SerialTransport(armed.port)
    try:
        transport.enter_raw_repl()
        assert transport.eval("sum(range(10))") == 45
        transport.fs_writefile("/lib.bin", bytes(range(256)))
        assert transport.fs_readfile("/lib.bin") == bytes(range(256))
        assert transport.fs_hashfile("/lib.bin", "sha256") == (
            hashlib.sha256(bytes(range(256))).digest()
        )
        transport.exit_raw_repl()
    finally:
        transport.close()


def test_our_repl_stops_the_app_and_a_reset_arms_the_badge_again(armed: VirtualUsbBadge) -> None:
    start = len(armed.log)
    with Repl(armed.port) as repl:
        assert "usb.stopped" in armed.log[start:]
        repl.write_file("/ours.txt", TEXT)
        assert repl.read_file("/ours.txt") == TEXT
        assert "ours.txt" in repl.listdir("/")
        repl.remove("/ours.txt")
        assert repl.eval("1 + 1") == 2
        repl.reset()
    armed.wait_for_log("armed can_send=True", start=start)
    with open_device(armed.port) as device:
        assert device.request("status")["armed"]


def test_ctrl_c_is_felt_while_mpremote_enters(armed: VirtualUsbBadge) -> None:
    armed.wait_for_fact(lambda fact: fact.get("motor") == 0, start=len(armed.facts) - 1)
    start = len(armed.facts)
    mpremote(armed.port, "resume", "exec", "pass")
    prompt = armed.wait_for_fact(lambda fact: fact.get("prompt") is True, start=start)
    assert prompt["watchdog_ms"] <= 30_000
    pulses = [fact["motor"] for fact in armed.facts[start:] if "motor" in fact]
    # A pulse of what the badge was just telling may come before.
    assert [strength for strength in pulses if strength][-5:] == [100] * 5
    assert pulses[-1] == 0


@pytest.mark.slow
def test_a_badge_left_at_the_prompt_is_armed_by_its_watchdog(site: Site, tmp_path: Path) -> None:
    with VirtualUsbBadge(Scenario(provision=site.provision), tmp_path) as left:
        left.wait_for_log("armed can_send=True")
        start = len(left.log)
        # As main.py does with 30 s; a shorter one spares the test the wait.
        mpremote(left.port, "exec", "import machine; machine.WDT(timeout=3000)")
        left.wait_for_log("cause=watchdog", timeout_s=20, start=start)
        left.wait_for_log("armed can_send=True", start=start)
        assert left.exit_codes[-1] == 44


def test_a_chip_with_micropython_only_shows_a_prompt_and_runs_what_is_put_on_it(
    tmp_path: Path,
) -> None:
    with VirtualUsbBadge(Scenario(app="flash", stalls="off"), tmp_path / "badge") as blank:
        blank.wait_for_fact(lambda fact: "prompt" in fact)
        program = tmp_path / "main.py"
        program.write_text("print('main', 'ran')\n")
        mpremote(blank.port, "cp", str(program), ":main.py")
        start = len(blank.console)
        mpremote(blank.port, "reset")
        blank.wait_for_console("main ran", start=start)
