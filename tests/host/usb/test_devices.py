"""What an engineer sees of badges on USB, and of each thing that can be wrong on the way."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from nabij.data import traces
from nabij.usb import ports
from nabij.usb.device import BadgeRefusal, DeviceError, open_device, port_of
from nabij.usb.keys import service_key
from nabij.usb.ports import PortInfo, find_port, open_port
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.host.usb import far_end
from tests.host.usb.far_end import scripted
from tests.host.usb.serial_server import socket_server
from tests.worlds import Site, make_site

SERIAL = "6e6162696a01"


def nabij(*arguments: str, listed: str = "", expect: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as a person types it, on a machine where only `listed` ports are badges."""
    done = subprocess.run(
        [sys.executable, "-m", "nabij.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, ports.PORTS_VARIABLE: listed},
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == expect, done.stderr
    return done


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on stderr."""
    text = done.stderr.strip()
    assert "\n" not in text, text
    assert text.endswith(".")
    return text


@pytest.fixture
def silent() -> Iterator[str]:
    """A port on which nothing answers."""
    with scripted(far_end.silent) as port:
        yield port


class TestDevices:
    def test_a_badge_is_listed_with_what_an_engineer_wants_to_know(
        self, badge: VirtualUsbBadge, site: Site
    ) -> None:
        key = ("--state", str(site.state))
        told = nabij("devices", "--json", *key, listed=badge.port).stdout
        (found,) = json.loads(told)["badges"]
        assert found["serial"] == SERIAL
        assert found["badge"] == "nb-0001"
        assert found["board"] == "t_sim7080g_s3"
        assert found["provisioned"] is True
        assert 4000 < found["battery_mv"] < 4200
        assert found["trouble"] is None
        table = nabij("devices", *key, listed=badge.port).stdout
        assert SERIAL in table
        assert "4.1" in table

    @pytest.mark.requirement("R19")
    def test_a_badge_with_silent_alarms_says_how_it_is_to_who_has_its_key(
        self, badge: VirtualUsbBadge
    ) -> None:
        (found,) = json.loads(nabij("devices", "--json", listed=badge.port).stdout)["badges"]
        assert found["locked"] is True
        assert (found["badge"], found["provisioned"]) == ("nb-0001", True)
        assert [found[name] for name in ("open_alarms", "battery_mv", "last_error")] == [None] * 3
        assert "with --state" in nabij("devices", listed=badge.port).stdout
        for verb in ("log", "doctor"):
            assert "--state" in sentence(nabij(verb, badge.port, expect=2))

    def test_each_port_that_cannot_be_asked_says_why_beside_the_others(
        self, badge: VirtualUsbBadge
    ) -> None:
        done = nabij("devices", listed=f"{badge.port},/dev/no-such-port")
        assert SERIAL in done.stdout
        assert "/dev/no-such-port" in sentence(done)

    def test_no_badge(self) -> None:
        assert json.loads(nabij("devices", "--json").stdout)["badges"] == []
        assert "No badge is plugged in" in sentence(nabij("devices", expect=1))
        assert "No badge is plugged in" in sentence(nabij("log", expect=1))


class TestAddresses:
    PORTS = (PortInfo("/dev/ttyACM0", "AABBCC"), PortInfo("/dev/ttyACM1", "DDEEFF"))

    def test_the_only_badge_needs_no_address(self) -> None:
        assert find_port(None, self.PORTS[:1]) == "/dev/ttyACM0"

    def test_of_two_badges_one_must_be_named(self) -> None:
        with pytest.raises(DeviceError, match=r"2 badges.*id:AABBCC on /dev/ttyACM0, id:DDEEFF"):
            find_port(None, self.PORTS)

    def test_a_badge_is_found_by_its_number_in_either_case(self) -> None:
        assert find_port("id:ddeeff", self.PORTS) == "/dev/ttyACM1"

    def test_an_unknown_number_names_those_that_are_there(self) -> None:
        with pytest.raises(DeviceError, match=r"No badge with serial number 123.*id:AABBCC"):
            find_port("id:123", self.PORTS)

    def test_the_number_of_a_badge_behind_an_unlisted_port_is_asked_for(
        self, badge: VirtualUsbBadge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(ports.PORTS_VARIABLE, badge.port)
        with open_device(f"id:{SERIAL.upper()}") as device:
            assert device.port == badge.port
        with pytest.raises(DeviceError, match="No badge with serial number 99"):
            open_device("id:99")
        # Also by the verbs that ask the port themselves.
        assert port_of(f"id:{SERIAL}") == badge.port
        listed = nabij("devices", f"id:{SERIAL}", "--json", listed=badge.port)
        (found,) = json.loads(listed.stdout)["badges"]
        assert (found["port"], found["serial"]) == (badge.port, SERIAL)
        unknown = nabij("devices", "id:99", listed=badge.port, expect=2)
        assert "No badge with serial number 99" in sentence(unknown)

    def test_two_badges_that_the_system_does_not_list(self, badge: VirtualUsbBadge) -> None:
        done = nabij("log", listed=f"{badge.port},/dev/other", expect=2)
        assert "2 badges are plugged in" in sentence(done)

    def test_an_address_of_another_kind_is_a_usage_error(self) -> None:
        assert "no address of a badge" in sentence(nabij("log", "http://badge", expect=2))

    @pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
    def test_a_network_port_that_nobody_serves(self, scheme: str) -> None:
        done = nabij("log", f"{scheme}://127.0.0.1:9", expect=1)
        assert f"Nothing answers at {scheme}://127.0.0.1:9" in sentence(done)

    def test_a_badge_on_another_machine(self, badge: VirtualUsbBadge) -> None:
        with socket_server(badge.port) as address, open_device(address) as device:
            assert device.info["serial"] == SERIAL


class TestWrongPorts:
    def test_a_port_that_is_not_there(self) -> None:
        assert "There is no port /dev/nothing" in sentence(nabij("log", "/dev/nothing", expect=2))

    def test_what_is_no_port_at_all(self, tmp_path: Path) -> None:
        for path in (tmp_path, Path("/dev/null")):
            assert "is no serial port" in sentence(nabij("log", str(path), expect=2))

    def test_a_port_in_use_by_another_program(self, silent: str) -> None:
        with serial.Serial(silent, exclusive=True):
            done = nabij("log", silent, expect=1)
        assert f"Another program is using {silent}" in sentence(done)

    @pytest.mark.skipif(os.geteuid() != 0, reason="changing the owner of a port takes root")
    @pytest.mark.parametrize(
        ("group", "mode", "says"),
        [
            (20, 0o660, ("group 'dialout'", "usermod -aG dialout")),
            (20, 0o600, ("udev rule",)),
            (0, 0o660, ("udev rule",)),
        ],
    )
    def test_a_port_that_this_user_may_not_use_names_the_group(
        self, silent: str, group: int, mode: int, says: tuple[str, ...]
    ) -> None:
        """Nobody is told to join the group of root."""
        os.chown(silent, 0, group)
        Path(silent).chmod(mode)
        said, told = os.pipe()
        child = os.fork()
        if child == 0:
            # Whatever happens, the child must not go on as a second run of the tests.
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                open_port(silent)
            except DeviceError as error:
                os.write(told, error.sentence.encode())
            finally:
                os._exit(0)
        os.close(told)
        text = os.read(said, 4096).decode()
        os.close(said)
        os.waitpid(child, 0)
        assert "may not use" in text
        assert all(word in text for word in says)

    def test_nothing_answers(self, silent: str) -> None:
        done = nabij("log", silent, expect=1)
        assert f"Nothing on {silent} answers as a Nabij badge" in sentence(done)

    def test_another_baud_rate_or_another_device(self) -> None:
        noise = b"\xf8\x80\xfe\xf0\x9a\xe6\n" * 20
        with scripted(lambda heard: noise if b"hello" in heard else None) as port:
            assert "is not readable" in sentence(nabij("log", port, expect=1))


class TestFiles:
    def test_a_file_travels_and_is_checked(self, badge: VirtualUsbBadge, site: Site) -> None:
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, "nb-0001"))
            heard: list[int] = []
            data = device.get_file("/ca.der", lambda done, _total: heard.append(done))
            assert data == (site.provision / "ca.der").read_bytes()
            assert device.list_files("/")["ca.der"] == len(data)
            # The folder of the journal is there once the journal has been written.
            device.request("log")
            assert device.list_files("/")["events"] is None

    def test_a_file_that_is_not_there(self, badge: VirtualUsbBadge, site: Site) -> None:
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, "nb-0001"))
            with pytest.raises(BadgeRefusal, match="There is no file /nothing"):
                device.get_file("/nothing")
            with pytest.raises(BadgeRefusal, match="There is no folder /nothing"):
                device.list_files("/nothing")

    @pytest.mark.parametrize("name", ["identity.json", "badge.key.der"])
    @pytest.mark.parametrize("path", ["/{}", "{}", "/./{}", "/events/../{}", "/{}/", "//{}"])
    def test_keys_never_leave_the_badge(
        self, badge: VirtualUsbBadge, site: Site, path: str, name: str
    ) -> None:
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, "nb-0001"))
            for verb in ("get", "hash"):
                with pytest.raises(BadgeRefusal, match="stays on the badge"):
                    device.request(verb, path=path.format(name), offset=0)

    @pytest.mark.parametrize("path", ["/identity.json\0", "/identity.json\0x", "/ca.der\n"])
    def test_a_path_that_the_file_system_reads_otherwise_is_refused(
        self, badge: VirtualUsbBadge, site: Site, path: str
    ) -> None:
        """littlefs takes a name up to its first NUL."""
        with open_device(badge.port) as device:
            device.authorise(service_key(site.state, "nb-0001"))
            for verb in ("get", "hash"):
                with pytest.raises(BadgeRefusal, match="no control characters"):
                    device.request(verb, path=path, offset=0)


class TestPull:
    def test_stored_motion_comes_home_as_a_trace_bundle(
        self, badge: VirtualUsbBadge, site: Site, tmp_path: Path
    ) -> None:
        start = len(badge.log)
        badge.press(1700)
        badge.wait_for_log("motion.stored", timeout_s=30, start=start)
        bundle = tmp_path / "motion"
        pull = ("pull", badge.port, "--state", str(site.state), "-o", str(bundle))
        assert "1 new motion window " in nabij(*pull).stdout
        (row,) = traces.index(bundle)
        assert row["activity_code"] == "sos"
        recording = traces.load_row(bundle, row)
        assert recording.rate_hz == 104
        assert recording.duration_s > 5
        assert "0 new motion windows" in nabij(*pull).stdout
        damage_the_window(badge.port)
        badge.wait_for_log("armed can_send=True", start=len(badge.log) - 10)
        other = tmp_path / "again"
        done = nabij("pull", badge.port, "--state", str(site.state), "-o", str(other), expect=1)
        assert "is damaged (its checksum is wrong)" in done.stderr
        assert "0 new motion windows" in done.stdout

    def test_without_the_receivers_folder(self, badge: VirtualUsbBadge, tmp_path: Path) -> None:
        assert "give --state" in sentence(nabij("pull", badge.port, expect=2))
        missing = nabij("pull", badge.port, "--state", str(tmp_path / "no"), expect=2)
        assert "There is no folder" in sentence(missing)

    def test_a_badge_of_another_receiver(self, badge: VirtualUsbBadge, tmp_path: Path) -> None:
        other = make_site(tmp_path, badge="nb-0001")
        done = nabij("pull", badge.port, "--state", str(other.state), expect=2)
        assert "has another key" in sentence(done)
        stranger = make_site(tmp_path / "b", badge="nb-0002")
        done = nabij("pull", badge.port, "--state", str(stranger.state), expect=2)
        assert "does not know badge nb-0001" in sentence(done)

    def test_a_badge_that_is_not_provisioned(self, tmp_path: Path) -> None:
        with VirtualUsbBadge(Scenario(stalls="off"), tmp_path / "badge") as fresh:
            fresh.wait_for_log("armed can_send=False")
            assert "not provisioned" in nabij("devices", listed=fresh.port).stdout
            done = nabij("pull", fresh.port, "--state", str(tmp_path), expect=1)
            assert "nabij provision" in sentence(done)


def test_the_log_tells_starts_alarms_and_their_causes(badge: VirtualUsbBadge, site: Site) -> None:
    log = ("log", badge.port, "--state", str(site.state))
    # The badge gathers lines for 10 s before it writes them down.
    deadline_s = time.monotonic() + 60
    while "armed" not in (text := nabij(*log).stdout):
        assert time.monotonic() < deadline_s
        time.sleep(1)
    assert "boot" in text
    assert "cause=power" in text
    records = [json.loads(line) for line in nabij(*log, "--json").stdout.splitlines()]
    assert [one["number"] for one in records] == list(range(1, len(records) + 1))
    assert {"boot", "armed"} <= {one["what"] for one in records}


def damage_the_window(port: str) -> None:
    """Flip a bit in the stored window, behind the application's back."""
    with open_device(port).repl() as repl:
        (name,) = repl.listdir("/motion")
        data = bytearray(repl.read_file(f"/motion/{name}"))
        data[100] ^= 1
        repl.write_file(f"/motion/{name}", bytes(data))
        repl.reset()
