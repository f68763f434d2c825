"""Serial ports: which of them are badges, by which address, and why one cannot be opened."""

import errno
import grp
import os
import stat
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import serial
from serial.tools import list_ports

from nabij.errors import EXIT_USAGE, UsageError
from nabij.usb.errors import DeviceError

BAUD: Final = 115_200
READ_TIMEOUT_S: Final = 0.05
WRITE_TIMEOUT_S: Final = 5.0
# Ports that the system does not list: badges behind a network, and virtual ones.
PORTS_VARIABLE: Final = "NABIJ_PORTS"
_NETWORK: Final = ("socket://", "rfc2217://")
# Espressif's own USB, and MicroPython's.
_BADGE_VENDORS: Final = frozenset({0x303A, 0xF055})


class SerialPort(Protocol):
    """What is used of pyserial's ports."""

    @property
    def in_waiting(self) -> int: ...

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class PortInfo:
    """A port that may be a badge; `serial` is the chip's number where USB tells it."""

    port: str
    serial: str | None = None
    description: str = ""


def list_badge_ports() -> list[PortInfo]:
    """Ports of USB devices that may be badges, and those that NABIJ_PORTS names."""
    found = [
        PortInfo(port.device, port.serial_number, port.description or "")
        for port in sorted(list_ports.comports())
        if port.vid in _BADGE_VENDORS
    ]
    named = os.environ.get(PORTS_VARIABLE, "").split(",")
    return found + [PortInfo(name.strip()) for name in named if name.strip()]


def find_port(address: str | None, ports: Sequence[PortInfo] | None = None) -> str:
    """The port that an address means; None means the only badge there is.

    Only what USB tells of a port is known here; nabij.usb.device.open_device also asks the badges.
    """
    ports = list_badge_ports() if ports is None else ports
    if address is None:
        if len(ports) == 1:
            return ports[0].port
        if not ports:
            raise DeviceError(
                "No badge is plugged in: connect one with a cable that carries data, "
                "or name its port (see `nabij devices`)."
            )
        raise DeviceError(
            f"{len(ports)} badges are plugged in ({_names(ports)}): name the one you mean.",
            EXIT_USAGE,
        )
    if address.startswith("id:"):
        wanted = address[3:].lower()
        for port in ports:
            if port.serial is not None and port.serial.lower() == wanted:
                return port.port
        raise DeviceError(
            f"No badge with serial number {wanted} is plugged in; "
            f"there is {_names(ports) if ports else 'none'}.",
            EXIT_USAGE,
        )
    if not address.startswith(_NETWORK) and "://" in address:
        raise UsageError(
            f"'{address}' is no address of a badge: give a port, id:<serial>, "
            "socket://<host>:<port> or rfc2217://<host>:<port>."
        )
    return address


def check_port(port: str) -> None:
    """DeviceError, as of `open_port`, for a name of nothing that is there, or of no port."""
    if port.startswith(_NETWORK):
        return
    try:
        mode = Path(port).stat().st_mode
    except OSError as error:
        raise _why_not_open(port, error) from error
    if not stat.S_ISCHR(mode):
        raise _why_not_open(port, IsADirectoryError(errno.EISDIR, "Is no device"))


def open_port(port: str) -> SerialPort:
    """The port, opened for this program alone; DeviceError says why not and what to do."""
    network = port.startswith(_NETWORK)
    try:
        opened = serial.serial_for_url(
            port,
            do_not_open=True,
            baudrate=BAUD,
            timeout=READ_TIMEOUT_S,
            write_timeout=write_timeout_s(port),
        )
        if not network:
            opened.exclusive = True
        opened.open()
    except (OSError, ValueError, termios.error) as error:
        raise _why_not_open(port, error) from error
    handle: SerialPort = opened
    return handle


def write_timeout_s(port: str) -> float | None:
    """How long a write may take; pyserial cannot limit it over RFC 2217."""
    return None if port.startswith("rfc2217://") else WRITE_TIMEOUT_S


def _why_not_open(port: str, error: Exception) -> DeviceError:
    if port.startswith(_NETWORK):
        return DeviceError(
            f"Nothing answers at {port}: check the address, and that the program that "
            "serves the badge's port is running there."
        )
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        group = _group_of(port)
        if group is None:
            return DeviceError(
                f"This user may not use {port}, which is for the administrator alone: "
                "add a udev rule that gives it to a group (docs/engineer/devices.md)."
            )
        return DeviceError(
            f"This user may not use {port}, which belongs to the group '{group}': "
            f"run `sudo usermod -aG {group} $USER`, then log out and in again."
        )
    if number in {errno.EBUSY, errno.EAGAIN} or "exclusively lock" in str(error):
        return DeviceError(
            f"Another program is using {port}: close it (a serial terminal, mpremote, "
            "another nabij) and retry."
        )
    if number == errno.ENOENT:
        return DeviceError(
            f"There is no port {port}: plug the badge in, and see `nabij devices`.", EXIT_USAGE
        )
    if number == errno.EISDIR or "Could not configure port" in str(error):
        return DeviceError(
            f"{port} is no serial port: see `nabij devices` for those there are.", EXIT_USAGE
        )
    return DeviceError(f"The port {port} cannot be opened ({error}): see `nabij devices`.")


def _group_of(port: str) -> str | None:
    """The group whose members may use the port; None when none may, or only that of root."""
    try:
        found = Path(port).stat()
        group = grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"
    may = stat.S_IRGRP | stat.S_IWGRP
    return group if found.st_gid != 0 and found.st_mode & may == may else None


def _names(ports: Sequence[PortInfo]) -> str:
    return ", ".join(
        f"id:{port.serial} on {port.port}" if port.serial else port.port for port in ports
    )
