"""One badge on USB: requests to the running firmware (docs/usb.md)."""

import contextlib
import hashlib
import secrets
import termios
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from badge.core.codec import usb_protocol as protocol
from nabij.acts.act import ANSWER_S, Act, Fields, Request, carried
from nabij.errors import EXIT_USAGE
from nabij.usb import lines
from nabij.usb.errors import BadgeRefusal, DeviceError, NoAnswerError
from nabij.usb.ports import SerialPort, find_port, list_badge_ports, open_port
from nabij.usb.repl import Repl, looks_like_a_prompt

__all__ = ["BadgeRefusal", "Device", "DeviceError", "NoAnswerError", "open_device"]

REQUEST_TIMEOUT_S: Final = ANSWER_S
# The first request also has to get past what the badge was printing when the port was opened.
HELLO_TIMEOUT_S: Final = 2.0
_HELLO_TRIES: Final = 2
_FIRST_NUMBER_MAX: Final = 1 << 29

Result = TypeVar("Result")
Progress = Callable[[int, int], None]


def open_device(address: str | None = None) -> "Device":
    """The badge at `address`, greeted: `id:<serial>`, a port, `socket://`, `rfc2217://`.

    None: the only badge there is. DeviceError (one sentence) when there is no such badge, several,
    the port is busy or may not be used, nothing there speaks Nabij, or the firmware is too old.
    """
    if address is not None and address.startswith("id:"):
        found = _ask_around(address)
        if found is not None:
            return found
    port = find_port(address)
    device = Device(open_port(port), port)
    try:
        device.greet()
    except BaseException:
        device.close()
        raise
    return device


def port_of(address: str | None) -> str:
    """The port that an address means, as for `open_device`, which asks badges for their number."""
    if address is not None and address.startswith("id:"):
        found = _ask_around(address)
        if found is not None:
            found.close()
            return found.port
    return find_port(address)


def _ask_around(address: str) -> "Device | None":
    """The badge that says it has this number, among ports of which USB tells none."""
    for port in list_badge_ports():
        if port.serial is None:
            with contextlib.suppress(DeviceError):
                device = open_device(port.port)
                if str(device.info.get("serial")).lower() == address[3:].lower():
                    return device
                device.close()
    return None


class Device:
    """A badge whose firmware is running; a context manager that closes the port."""

    def __init__(self, serial: SerialPort, port: str) -> None:
        self.port = port
        # What it said to `hello`: serial, badge, firmware, board, slot, boot and more.
        self.info: Fields = {}
        # The console's lines that came between answers.
        self.log_lines: list[str] = []
        self._serial = serial
        self._received = bytearray()
        # An answer that another program did not wait for must not be taken for ours.
        self._number = secrets.randbelow(_FIRST_NUMBER_MAX)
        self._authorised = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port, and of the right to change the badge; it stays armed."""
        if self._authorised:
            self._authorised = False
            self._number += 1
            # A new challenge ends what the last one opened; nobody waits for this one.
            with contextlib.suppress(DeviceError):
                self._write(lines.make_request(self._number, "hello", {}) + b"\n")
        with contextlib.suppress(OSError, termios.error):
            self._serial.close()

    def greet(self) -> Fields:
        """Say hello; fills `info`. DeviceError when nothing there is a running badge."""
        for attempt in range(_HELLO_TRIES):
            # The newline ends whatever line the badge may have half received.
            self._write(b"\n")
            try:
                self.info = self.request("hello", timeout_s=HELLO_TIMEOUT_S)
                break
            except NoAnswerError:
                if attempt + 1 == _HELLO_TRIES:
                    raise self._nobody() from None
        if self.info.get("protocol") != protocol.VERSION:
            raise DeviceError(
                f"The badge on {self.port} has firmware {self.info.get('firmware')}, which speaks "
                f"protocol {self.info.get('protocol')} and not {protocol.VERSION}: "
                "update it with `nabij flash`."
            )
        return self.info

    def request(self, verb: str, *, timeout_s: float = REQUEST_TIMEOUT_S, **fields: Any) -> Fields:
        """The badge's answer to a verb; else BadgeRefusal (with its code) or NoAnswerError."""
        self._number += 1
        try:
            line = lines.make_request(self._number, verb, fields)
        except protocol.UsbError as error:
            raise DeviceError(f"The request '{verb}' cannot be sent: {error.why}") from error
        self._write(line + b"\n")
        return self._answer(self._number, verb, timeout_s)

    def carry(self, act: Act[Result]) -> Result:
        """What comes of an act; errors as for `request`."""
        return carried(act, self._carry_one)

    def authorise(self, service_key: bytes) -> None:
        """Open the verbs that change the badge, for 120 s after the last of them."""
        nonce = self.greet().get("nonce", "")
        if not self.info.get("provisioned"):
            raise DeviceError(
                f"The badge on {self.port} is not provisioned: run `nabij provision`."
            )
        try:
            self.request("authorise", mac=protocol.proof(service_key, str(nonce)))
            self._authorised = True
        except BadgeRefusal as refusal:
            if refusal.code != "usb.denied":
                raise
            raise DeviceError(
                f"Badge {self.info.get('badge')} on {self.port} has another key than this "
                "receiver gave it: give --state of the receiver that provisioned it.",
                EXIT_USAGE,
            ) from refusal

    def list_files(self, path: str = "/") -> dict[str, int | None]:
        """Names in a folder of the badge with their sizes in bytes (None: a folder)."""
        found: dict[str, int | None] = {}
        start: int | None = 0
        while start is not None:
            part = self.request("list", path=path, start=start)
            found.update({str(name): size for name, size in part["files"]})
            start = part.get("next")
        return found

    def get_file(self, path: str, progress: Progress | None = None) -> bytes:
        """The bytes of a file of the badge, checked by its SHA-256."""
        first = self.request("get", path=path, offset=0)
        size = int(first["size"])
        data = bytearray(protocol.from_text(first["data"]))
        while len(data) < size:
            part = self.request("get", path=path, offset=len(data))
            chunk = protocol.from_text(part["data"])
            if not chunk or part["size"] != size:
                raise DeviceError(f"{path} changed while it was read: try again.")
            data += chunk
            if progress is not None:
                progress(len(data), size)
        whole = self.request("hash", path=path)
        if whole["sha256"] != hashlib.sha256(data).hexdigest():
            raise DeviceError(f"{path} did not arrive as it is on the badge: try again.")
        return bytes(data)

    def repl(self) -> Repl:
        """Stop the app and use MicroPython's prompt on this port; the badge says so by haptic."""
        self.close()
        return Repl(self.port)

    def _carry_one(self, request: Request) -> Fields:
        fields = dict(request.fields)
        if request.data is not None:
            fields["data"] = protocol.to_text(request.data)
        return self.request(request.verb, timeout_s=request.timeout_s, **fields)

    def _answer(self, number: int, verb: str, timeout_s: float) -> Fields:
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            line = self._next_line()
            if line is None:
                continue
            try:
                answer = lines.parse_answer(line)
            except protocol.UsbError as error:
                if error.id == number:
                    raise self._refusal(error, verb) from None
                continue
            if answer is not None and answer[0] == number:
                return dict(answer[1])
        raise NoAnswerError(
            f"The badge on {self.port} did not answer '{verb}' within {timeout_s:g} s: "
            "unplug it, plug it in again and retry."
        )

    def _refusal(self, error: protocol.UsbError, verb: str) -> BadgeRefusal:
        refusal = BadgeRefusal(error.code, error.why, self.port)
        if error.code == "usb.locked":
            # Without --state, or with that of another receiver.
            refusal.exit_code = EXIT_USAGE
        if error.code == "usb.verb":
            refusal.sentence = (
                f"The badge on {self.port} has firmware {self.info.get('firmware')}, which does "
                f"not know '{verb}' and is older than this tool: update it with `nabij update`."
            )
        return refusal

    def _next_line(self) -> bytes | None:
        end = self._received.find(b"\n")
        if end < 0:
            try:
                self._received += self._serial.read(max(1, self._serial.in_waiting))
            except (OSError, termios.error) as error:
                raise DeviceError(
                    f"The connection to {self.port} broke ({error}): "
                    "plug the badge in again and retry."
                ) from error
            end = self._received.find(b"\n")
            if end < 0:
                return None
        line = bytes(self._received[:end]).strip()
        del self._received[: end + 1]
        if line and not line.startswith(b"!"):
            self.log_lines.append(line.decode("utf-8", "replace"))
        return line

    def _write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (OSError, termios.error) as error:
            raise DeviceError(
                f"The connection to {self.port} broke ({error}): "
                "plug the badge in again and retry."
            ) from error

    def _nobody(self) -> DeviceError:
        heard = "\n".join(self.log_lines).encode() + bytes(self._received)
        if looks_like_a_prompt(heard):
            return DeviceError(
                f"The badge on {self.port} is at its prompt (safe mode, or its application was "
                "stopped): wait a minute for it to start by itself, or press RESET; if it stays "
                "there, install the application with `nabij flash`."
            )
        if heard and sum(byte > 126 for byte in heard) > len(heard) // 4:
            return DeviceError(
                f"What arrives on {self.port} is not readable: check that this is the badge's "
                "port and that no other baud rate is set."
            )
        return DeviceError(
            f"Nothing on {self.port} answers as a Nabij badge: check the port with "
            "`nabij devices`, and flash the badge if it is new (`nabij flash`)."
        )
