"""Lines that fail in the middle, and two that could be mistaken for one another."""

import contextlib
import os
import pty
import time
from pathlib import Path

import pytest

from badge.core.codec import usb_protocol as protocol
from nabij.acts.act import Act, Request, carried
from nabij.acts.update import Package
from nabij.usb import update
from nabij.usb.device import BadgeRefusal, DeviceError, open_device
from nabij.usb.flash import FlashError, Line, flash
from nabij.usb.image import REGION_BYTES, from_file
from nabij.usb.install import wait_for_prompt
from nabij.usb.keys import service_key
from nabij.usb.ports import PORTS_VARIABLE, open_port
from nabij.usb.repl import Repl
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from sim.usb.rom_loader import ESP32_C3, RomLoader
from tests.host.usb.far_end import Says, scripted, silent
from tests.host.usb.images import image_path
from tests.host.usb.serial_server import rfc2217_server, socket_server
from tests.worlds import BADGE, Site

# What hangs has no end; the patience that the test sets has one on any machine.
LIMIT_S = 60.0
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n>"


def goes_away_in_a_paste(data: bytes) -> bytes | None:
    """A badge whose watchdog bites when a program is sent to it."""
    if data.endswith(b"\x01") and b"\x05A" not in data:
        return RAW_BANNER
    return b"R\x01" if b"\x05A\x01" in data else None


def sends_no_window(data: bytes) -> bytes | None:
    """It says how much it takes, and then no more."""
    if data.endswith(b"\x01") and b"\x05A" not in data:
        return RAW_BANNER
    return b"R\x01\x10\x00" if b"\x05A\x01" in data else None


@pytest.mark.parametrize("says", [silent, goes_away_in_a_paste, sends_no_window])
def test_a_badge_that_falls_silent_at_its_prompt_does_not_hang_the_tool(
    says: Says,
) -> None:
    began_s = time.monotonic()
    with (
        scripted(says) as port,
        pytest.raises(DeviceError) as failed,
        Repl(port, enter_s=1.0, silent_s=0.5) as repl,
    ):
        repl.exec("print(1)" * 20)
    assert time.monotonic() - began_s < LIMIT_S
    assert "could not" in failed.value.sentence
    assert failed.value.sentence.endswith("plug it in again and retry.")


def test_an_answer_to_somebody_else_is_not_taken_for_ours() -> None:
    """A tool was stopped while it waited; its answer comes when the next one asks."""
    stale = protocol.make_answer(1, {"protocol": protocol.VERSION, "nonce": "old"})

    def says(data: bytes) -> bytes | None:
        _, mark, rest = data.partition(b"?")
        if not mark:
            return None
        request = protocol.parse_request(mark + rest.strip())
        now = protocol.make_answer(request["id"], {"protocol": protocol.VERSION, "nonce": "new"})
        return bytes(stale + b"\n" + now + b"\n")

    with scripted(says) as port, open_device(port) as device:
        assert device.info["nonce"] == "new"


@pytest.mark.requirement("R14")
def test_who_unplugs_leaves_no_open_door(badge: VirtualUsbBadge, site: Site) -> None:
    with open_device(badge.port) as device:
        device.authorise(service_key(site.state, BADGE))
        assert device.list_files("/")
    # Somebody else, who does not even say hello.
    with contextlib.closing(open_port(badge.port)) as line:
        start = len(badge.console)
        line.write(b'\n?{"id":7,"do":"list","path":"/"}\n')
        heard = badge.wait_for_console('"id": 7', start=start)
    assert "usb.locked" in heard


@pytest.mark.requirement("R14")
def test_a_proof_that_was_overheard_opens_nothing_a_second_time(
    badge: VirtualUsbBadge, site: Site
) -> None:
    with open_device(badge.port) as device:
        mac = protocol.proof(service_key(site.state, BADGE), device.info["nonce"])
        device.request("authorise", mac=mac)
        for expected in ("usb.challenge", "usb.denied"):
            with pytest.raises(BadgeRefusal) as refused:
                device.request("authorise", mac=mac)
            assert refused.value.code == expected
            device.greet()
        with pytest.raises(BadgeRefusal) as locked:
            device.request("list", path="/")
        assert locked.value.code == "usb.locked"


# pyserial's own client starts its thread in a way that Python has deprecated.
@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
def test_a_badge_behind_an_rfc2217_server(badge: VirtualUsbBadge, site: Site) -> None:
    with rfc2217_server(badge.port) as address, open_device(address) as device:
        assert device.info["badge"] == BADGE
        device.authorise(service_key(site.state, BADGE))
        assert device.get_file("/ca.der") == (site.provision / "ca.der").read_bytes()


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
@pytest.mark.parametrize("server", [socket_server, rfc2217_server])
def test_the_prompt_of_a_badge_on_another_machine(site: Site, server: type[socket_server]) -> None:
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off")) as badge:
        badge.wait_for_log("armed can_send=True")
        with server(badge.port) as address, Repl(address) as prompt:
            prompt.write_file("/note.bin", bytes(range(256)))
            assert prompt.read_file("/note.bin") == bytes(range(256))


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
def test_no_tool_but_flash_makes_the_sign_that_sends_a_chip_into_its_loader(
    site: Site, tmp_path: Path
) -> None:
    """RTS without DTR, then DTR without RTS: MicroPython obeys it (mp_usbd_cdc.c), disarmed."""
    scenario = Scenario(provision=site.provision, stalls="off")
    with VirtualUsbBadge(scenario, tmp_path) as badge:
        badge.wait_for_log("armed can_send=True")
        for opened in (open_device, Repl):
            server = rfc2217_server(badge.port)
            with server as address, opened(address):
                pass
            assert (False, True) not in server.states
            assert server.states


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
def test_a_wrong_chip_on_another_machine(tmp_path: Path) -> None:
    with (
        RomLoader(tmp_path, ESP32_C3) as loader,
        rfc2217_server(str(loader.port)) as address,
        pytest.raises(FlashError, match=f"The chip on {address} is an ESP32-C3"),
    ):
        flash(Line(address, before="no-reset", after="no-reset"), from_file(image_path()))


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
def test_a_chip_in_its_loader_on_another_machine(tmp_path: Path) -> None:
    """RFC 2217 carries DTR and RTS too; the pseudo-terminal behind the server has none."""
    image = from_file(image_path())
    (tmp_path / "flash.bin").write_bytes(image.data[:-9].ljust(8 << 20, b"\xff"))
    with RomLoader(tmp_path) as loader, rfc2217_server(str(loader.port)) as address:
        done = flash(Line(address, before="no-reset", after="no-reset"), image)
        assert loader.flash.read(0, len(image.data)) == image.data
    assert 0 < done.written_bytes <= REGION_BYTES


def test_another_badge_is_not_stopped_while_the_flashed_one_is_away(
    badge: VirtualUsbBadge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chip that restarts takes its port with it; a badge in use may be the only one then."""
    monkeypatch.setenv(PORTS_VARIABLE, badge.port)
    start = len(badge.log)
    with pytest.raises(DeviceError, match="There is no port"):
        wait_for_prompt("/dev/no-such-port", 1.0, not_these=[badge.port])
    assert "usb.stopped" not in badge.log[start:]
    with open_device(badge.port) as device:
        assert device.request("status")["armed"]


def test_a_port_that_goes_away_while_it_is_opened_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """pyserial lets the terminal's own error through (tcflush in its open())."""
    import termios

    other, terminal = pty.openpty()
    port = os.ttyname(terminal)

    def gone(_file: int, _queue: int) -> None:
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr(termios, "tcflush", gone)
    with pytest.raises(DeviceError, match="cannot be opened"):
        open_port(port)
    os.close(terminal)
    os.close(other)


def test_flash_that_keeps_nothing_ends_an_update() -> None:
    class Forgetful:
        port = "port"

        def carry(self, act: Act[str]) -> str:
            return carried(act, self.answer)

        def answer(self, request: Request) -> dict[str, object]:
            answers: dict[str, dict[str, object]] = {
                "update.begin": {"bytes": 1, "slot": "b"},
                "update.next": {"path": "badge/app.mpy", "offset": 0, "size": 1},
            }
            return answers.get(request.verb, {"have": 0})

    with pytest.raises(DeviceError, match=r"did not keep badge/app.mpy .* 3 times"):
        update.send(Forgetful(), Package("1", 2, 3, {"badge/app.mpy": b"x"}), bytes(32))  # type: ignore[arg-type]


def test_the_start_that_is_about_to_end_is_not_taken_for_the_next(
    badge: VirtualUsbBadge, site: Site
) -> None:
    """The badge puts its restart off while its button is held; the host waits for the new one."""
    with open_device(badge.port) as device:
        before = device.info["boot"]
        device.authorise(service_key(site.state, BADGE))
        badge.send({"do": "press", "ms": 1_300})
        after = update.restart(device)
    with after:
        assert after.info["boot"] != before
    with pytest.raises(DeviceError, match="has not restarted"):
        update.reopened(badge.port, 0.5, but_not=after.info["boot"])
