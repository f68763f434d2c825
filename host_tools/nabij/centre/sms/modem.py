"""Text messages by a modem of our own: read, handed over, and deleted after the commit only.

One that is gone comes back by itself; what its SIM or network lacks is said in a sentence.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.sms.at import Answer, At, SilentError
from nabij.centre.sms.forms import Text
from nabij.centre.sms.settings import MODEM
from nabij.centre.sms.taking import Taken
from nabij.errors import NabijError

_HEADER: Final = re.compile(r'\+CMGR: ?"([^"]*)","([^"]*)",("[^"]*")?,?"?([^"]*)"?')
_LISTED: Final = re.compile(r'\+CMGL: ?(\d{1,5}),"')
_ROOM: Final = re.compile(r'\+CPMS: ?(?:"[^"]*",)?(\d+),(\d+)')
_REGISTERED: Final = re.compile(r"\+C(?:E|G)?REG: ?\d,([15])\b")
_TIME: Final = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)?")
# 3GPP TS 27.007, 9.2.
_NO_SIM: Final = frozenset({"10", "13", "14", "15", "SIM not inserted"})
_CHARACTERS: Final = ('AT+CSCS="GSM"', 'AT+CSCS="IRA"')
_PLACES: Final = ('AT+CPMS="SM","SM","SM"', 'AT+CPMS="ME","ME","ME"')


class LackingError(NabijError):
    """What the modem, its SIM or its network lacks, and what to do."""


@dataclass(frozen=True)
class Room:
    """How many messages are stored, of how many."""

    used: int
    total: int


class Modem:
    """A modem that answers. `take` has a message kept; `pin` is of its SIM, None for none.

    Every method raises SilentError when it does not answer, LackingError for what is missing.
    """

    def __init__(self, at: At, take: Callable[[Text], Taken]) -> None:
        self._at = at
        self._take = take

    def begin(self, pin: str | None) -> None:
        """Have it ready to receive; a PIN that it refused must not be given again."""
        self._wake()
        self._unlock(pin)
        self._do("AT+CMGF=1", "its modem has no text mode for SMS")
        # Old firmware has the one, some the other; both have all characters of a frame.
        self._first_of(_CHARACTERS)
        self._first_of(_PLACES)
        self._at.ask("AT+CSDH=0")
        self._at.ask("AT+CNMI=2,1,0,0,0")

    def poll(self) -> int:
        """Take all that is stored; how many messages were taken, ours or not."""
        self._at.has_news = False
        listed = self._at.ask('AT+CMGL="ALL"')
        if not listed.is_ok and not listed.lines:
            raise LackingError(
                f"The modem does not list its messages ({listed.error}): see that its SIM is in."
            )
        # A text can look as such a line, and as the end: each is asked for by itself, and what
        # was hidden by one that is gone now is seen by the next look.
        indices = {int(found[1]) for line in listed.lines if (found := _LISTED.match(line))}
        return sum(self._take_one(index) for index in sorted(indices))

    def check(self) -> Room:
        """How full its store is; LackingError while it has no network."""
        room = self._room()
        asked = [self._at.ask(f"AT+C{kind}REG?") for kind in ("", "E")]
        if not any(_REGISTERED.match(line) for one in asked for line in one.lines):
            raise LackingError(
                "The modem of --sms-modem has no network: see its antenna, and that its SIM is "
                "one that may be used there."
            )
        return room

    def send(self, number: str, text: str) -> str:
        """Send a message; empty when the network took it, else what it says."""
        return self._at.send(number, text).error

    def _wake(self) -> None:
        """Its first answers may be lost: it measures the speed of the line by them."""
        for last in (False, False, True):
            try:
                if self._at.ask("ATE0", 1.0).is_ok:
                    break
            except SilentError:
                if last:
                    raise
        self._at.ask("AT+CMEE=1")

    def _unlock(self, pin: str | None) -> None:
        answer = self._at.ask("AT+CPIN?")
        said = "".join(answer.lines).removeprefix("+CPIN:").strip()
        if answer.is_ok and said == "READY":
            return
        if answer.error in _NO_SIM:
            raise LackingError(
                "The modem of --sms-modem has no SIM, or cannot read it: put it in."
            )
        if "PUK" in said:
            raise LackingError(
                "The SIM of the modem is locked and asks for its PUK: unlock it in a telephone."
            )
        if said != "SIM PIN":
            what = said or answer.error
            raise LackingError(f"The SIM of the modem is not ready ({what}): see that it is in.")
        if pin is None:
            raise LackingError("The SIM of the modem asks for a PIN: give it by `nabij sms pin`.")
        if not self._at.ask(f'AT+CPIN="{pin}"').is_ok:
            raise WrongPinError(pin)

    def _take_one(self, index: int) -> bool:
        answer = self._at.ask(f"AT+CMGR={index}")
        header = _HEADER.match(answer.lines[0]) if answer.lines else None
        # With that, whatever ended it is what the text says.
        if header is None:
            return False
        if header[1].startswith("STO"):
            # What somebody stored to send.
            return self._delete(index)
        words = "\n".join(answer.lines[1:])
        sent_ms = _sent_ms(header[4])
        name = hashlib.sha256(f"{header[2]} {header[4]} {words}".encode()).hexdigest()[:32]
        taken = self._take(Text(words, Arrival(MODEM, name, header[2], sent_ms)))
        if taken is Taken.NOT_NOW:
            # It stays on the SIM, and comes with the next look.
            return False
        return self._delete(index)

    def _delete(self, index: int) -> bool:
        return self._at.ask(f"AT+CMGD={index}").is_ok

    def _room(self) -> Room:
        answer = self._at.ask("AT+CPMS?")
        found = next((one for line in answer.lines if (one := _ROOM.match(line))), None)
        if found is None:
            raise SilentError("it does not say how full it is")
        return Room(int(found[1]), int(found[2]))

    def _do(self, command: str, otherwise: str) -> Answer:
        answer = self._at.ask(command)
        if not answer.is_ok:
            raise LackingError(f"{otherwise} ({answer.error}): take another one for --sms-modem.")
        return answer

    def _first_of(self, commands: tuple[str, ...]) -> None:
        for command in commands:
            if self._at.ask(command).is_ok:
                return


class WrongPinError(LackingError):
    """The SIM refused the PIN: of three tries one is gone, so it is not given again."""

    def __init__(self, pin: str) -> None:
        super().__init__(
            "The SIM of the modem refuses the PIN, which is not tried again: give the right one "
            "by `nabij sms pin`; after three wrong ones the SIM is locked."
        )
        self.pin = pin


def _sent_ms(given: str) -> int | None:
    """When the network had it, as ms since 1970 UTC; the zone is in quarters of an hour."""
    found = _TIME.fullmatch(given)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(one) for one in found.groups()[:6])
    zone = dt.timezone(dt.timedelta(minutes=15 * int(found[7] or 0)))
    try:
        at = dt.datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return round(at.timestamp() * 1000)
