"""The serial line of the modem, on a thread of its own: nothing of it waits for anything of ours.

Whatever happens to it, unplugged, hanging, without network, it is opened again.
"""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import serial

from nabij.centre.sms.at import ANSWER_S, At, Port, SilentError
from nabij.centre.sms.forms import Text
from nabij.centre.sms.modem import LackingError, Modem, WrongPinError
from nabij.centre.sms.taking import Taken

BAUD: Final = 115_200
READ_S: Final = 0.05
WRITE_S: Final = 5.0
# Whether it has said so or not; and how its network and its store are.
POLL_S: Final = 10.0
CHECK_S: Final = 30.0
FIRST_PAUSE_S: Final = 1.0
MOST_PAUSE_S: Final = 30.0
# Who asks for a message to be sent gives up after answering.SEND_S and asks again.
TURN_S: Final = 30.0
_TICK_S: Final = 0.25

_log = logging.getLogger("nabij.sms")


@dataclass(frozen=True)
class Uses:
    """`take` has a message kept; `pin` is that of the SIM; `wrong_pin` has one forgotten."""

    take: Callable[[Text], Taken]
    pin: Callable[[], str | None] = lambda: None
    wrong_pin: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class _Sending:
    number: str
    text: str
    asked_s: float = field(default_factory=time.monotonic)
    said: Future[str] = field(default_factory=Future)


class ModemLine:
    """The modem at a port, from `start` to `stop`."""

    def __init__(self, port: str, uses: Uses, answer_s: float = ANSWER_S) -> None:
        self._port = port
        self._answer_s = answer_s
        self._uses = uses
        self._sending: queue.SimpleQueue[_Sending] = queue.SimpleQueue()
        self._stopping = threading.Event()
        # One that the SIM refused, where it could not be forgotten.
        self._refused_pin: str | None = None
        self._thread = threading.Thread(target=self._run, name="nabij-modem", daemon=True)
        # What is the matter, as a sentence; empty while it works.
        self.trouble = "The modem of --sms-modem has not answered yet."

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End what is at hand, and what waits; safe to call twice, or without start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._refuse("the receiver stops")

    def send(self, number: str, text: str) -> Future[str]:
        """Have it sent; empty when the network took it, else why not."""
        one = _Sending(number, text)
        # From here on nobody can cancel it.
        one.said.set_running_or_notify_cancel()
        if self.trouble:
            one.said.set_result(self.trouble)
        else:
            self._sending.put(one)
        return one.said

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began_s = time.monotonic()
            self.trouble = self._serve() or self.trouble
            self._refuse("the modem is gone")
            if time.monotonic() - began_s > MOST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, MOST_PAUSE_S)

    def _serve(self) -> str:
        """Work with it until it fails; what is the matter then."""
        try:
            port = opened(self._port)
        except (OSError, ValueError) as error:
            return (
                f"The modem at {self._port} cannot be opened ({error}): plug it in, and see that "
                "this user may use the port."
            )
        try:
            self._work(port)
        except WrongPinError as error:
            self._forget(error.pin)
            return error.sentence
        except LackingError as error:
            return error.sentence
        except (SilentError, OSError) as error:
            return (
                f"The modem at {self._port} is lost ({error}): no text message comes in by it "
                "until it answers again."
            )
        except Exception as error:  # noqa: BLE001 - no fault of ours may end what takes alarms
            _log.exception("fault at the modem")
            return f"The modem at {self._port} is opened anew after a fault in nabij: {error}."
        finally:
            with contextlib.suppress(OSError):
                port.close()
        return ""

    def _pin(self) -> str | None:
        pin = self._uses.pin()
        if pin is None or pin != self._refused_pin:
            return pin
        self._forget(pin)
        return None

    def _forget(self, pin: str) -> None:
        self._refused_pin = pin
        try:
            self._uses.wrong_pin()
        except Exception:  # noqa: BLE001 - it is not given again all the same
            _log.exception("a PIN that the SIM refused is still kept")
        else:
            self._refused_pin = None

    def _work(self, port: Port) -> None:
        at = At(port, self._answer_s)
        modem = Modem(at, self._uses.take)
        modem.begin(self._pin())
        self.trouble = ""
        poll_s = check_s = 0.0
        while not self._stopping.is_set():
            now_s = time.monotonic()
            if at.has_news or now_s >= poll_s:
                modem.poll()
                poll_s = now_s + POLL_S
            if now_s >= check_s:
                self.trouble = _checked(modem)
                check_s = now_s + CHECK_S
            try:
                one = self._sending.get_nowait()
            except queue.Empty:
                at.wait(_TICK_S)
                continue
            if time.monotonic() - one.asked_s > TURN_S:
                one.said.set_result(f"its turn did not come within {TURN_S:g} s")
                continue
            try:
                one.said.set_result(modem.send(one.number, one.text))
            except BaseException as error:
                one.said.set_result(f"the modem did not say ({error})")
                raise

    def _refuse(self, why: str) -> None:
        while True:
            try:
                self._sending.get_nowait().said.set_result(why)
            except queue.Empty:
                return


def _checked(modem: Modem) -> str:
    """What is the matter with a modem that answers."""
    try:
        room = modem.check()
    except LackingError as error:
        return error.sentence
    if room.used >= room.total:
        return (
            f"The SIM of the modem is full ({room.used} messages that cannot be taken or "
            "deleted): nothing more comes in before some are gone."
        )
    return ""


def opened(port: str) -> Port:
    """The port, for us alone; OSError or ValueError when it cannot be had."""
    found: Port = serial.serial_for_url(
        port, baudrate=BAUD, timeout=READ_S, write_timeout=WRITE_S, exclusive=True
    )
    return found
