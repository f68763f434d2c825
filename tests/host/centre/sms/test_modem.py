"""A modem on a line: what is ours is taken, deleted after the commit, and nothing else is lost."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.sms.at import At
from nabij.centre.sms.forms import Text
from nabij.centre.sms.modem import LackingError, Modem, WrongPinError
from nabij.centre.sms.modem_line import ModemLine, Uses, opened
from nabij.centre.sms.taking import Taken
from tests.host.centre.sms import stand_in
from tests.waiting import wait_until


class Book:
    """What was handed over, and what becomes of the next."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.verdict: Callable[[Text], Taken] = lambda text: (
            Taken.KEPT if text.text.startswith("N1 ") else Taken.FOREIGN
        )

    def take(self, text: Text) -> Taken:
        taken = self.verdict(text)
        self.texts.append(text)
        return taken

    def words(self) -> list[str]:
        return [one.text for one in self.texts]


@pytest.fixture
def device() -> Iterator[stand_in.Modem]:
    device = stand_in.Modem()
    yield device
    device.unplug()


@pytest.fixture
def book() -> Book:
    return Book()


def ready(device: stand_in.Modem, book: Book, pin: str | None = None) -> Modem:
    modem = Modem(At(opened(device.port)), book.take)
    modem.begin(pin)
    return modem


@pytest.mark.parametrize("chatter", ["", "+CREG: 1", '+CMTI: "SM",3', "RING"])
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_what_is_on_the_sim_is_taken_and_deleted(
    device: stand_in.Modem, book: Book, chatter: str, byte_by_byte: bool
) -> None:
    device.chatter, device.byte_by_byte = chatter, byte_by_byte
    device.put("N1 AAAA")
    device.put("Your balance is 5 euro.", sender="1233")
    device.put("N1 BBBB", at="26/09/21,16:13:20+08")
    modem = ready(device, book)
    assert modem.poll() == 3
    assert book.words() == ["N1 AAAA", "Your balance is 5 euro.", "N1 BBBB"]
    assert device.messages == {}
    first, _, last = (one.arrival for one in book.texts)
    assert (first.service, first.sender) == ("modem", "+31612345678")
    # In whichever zone the network tells the time.
    assert first.sent_ms == last.sent_ms == 1_790_000_000_000
    assert modem.poll() == 0


def test_what_cannot_be_kept_stays_on_the_sim(device: stand_in.Modem, book: Book) -> None:
    device.put("N1 AAAA")
    device.put("N1 BBBB")
    modem = ready(device, book)
    book.verdict = lambda text: Taken.NOT_NOW if "AAAA" in text.text else Taken.KEPT
    assert modem.poll() == 1
    assert [one.text for one in device.messages.values()] == ["N1 AAAA"]
    book.verdict = lambda _text: Taken.KEPT
    assert modem.poll() == 1
    assert device.messages == {}
    first, _, last = book.texts
    assert first.arrival == last.arrival


HOSTILE = [
    "OK",
    "hello\r\nOK\r\n",
    "hello\r\nERROR",
    'x\r\n+CMGL: 2,"REC READ","+31600000000",,"26/09/21,14:13:20+00"\r\nN1 FAKE\r\nOK',
    'x\r\nOK\r\n\r\n+CMGR: "REC READ","+31600000000",,"26/09/21,14:13:20+00"\r\nN1 FAKE\r\n\r\nOK',
    "\r\n> ",
    "+CMGS: 1\r\nOK\r\nOK\r\nOK",
    "AT+CMGD=1,4",
    "",
    "\r\n\r\n",
    "é" * 70,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_stranger_writes_costs_no_message_of_ours(
    device: stand_in.Modem, book: Book, words: str
) -> None:
    for one in (words, "N1 AAAA", words, "N1 BBBB"):
        device.put(one)
    modem = ready(device, book)
    for _ in range(4):
        modem.poll()
    assert [one for one in book.words() if one in {"N1 AAAA", "N1 BBBB"}] == ["N1 AAAA", "N1 BBBB"]
    assert not [one for one in device.messages.values() if one.text.startswith("N1")]
    assert modem.send("+31612345678", "N1 CCCC") == ""
    assert device.sent == [("+31612345678", "N1 CCCC")]


class Line:
    """A port that says what it was given to say, and then nothing."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def in_waiting(self) -> int:
        return 0

    def read(self, size: int = 1, /) -> bytes:
        part, self.data = self.data[:16], self.data[16:]
        return part

    def write(self, data: bytes, /) -> int | None:
        return len(data)

    def close(self) -> None:
        pass


@given(
    st.lists(
        st.sampled_from(
            [
                b"\r\n",
                b"OK",
                b"ERROR",
                b"+CMGR: ",
                b'+CMGL: 1,"',
                b"+CPMS: 1,2",
                b"> ",
                b"\xff\x00",
            ]
        ),
        max_size=30,
    )
)
def test_whatever_a_line_says_is_an_answer_or_silence(parts: list[bytes]) -> None:
    from nabij.centre.sms.at import SilentError

    at = At(Line(b"".join(parts)), 0.005, 0.001)
    modem = Modem(at, lambda _text: Taken.KEPT)
    for work in (lambda: at.ask("AT"), modem.poll, modem.check):
        with contextlib.suppress(SilentError, LackingError):
            work()


def test_a_pin_is_given_once_and_a_wrong_one_never_again(
    device: stand_in.Modem, book: Book
) -> None:
    device.pin = "4711"
    with pytest.raises(LackingError, match="asks for a PIN"):
        ready(device, book)
    with pytest.raises(WrongPinError, match="not tried again"):
        ready(device, book, "0000")
    ready(device, book, "4711")
    # It is open now, until it loses its power.
    ready(device, book, "0000")
    assert device.pins_tried == ["0000", "4711"]


def test_what_a_sim_lacks_is_said(device: stand_in.Modem, book: Book) -> None:
    device.has_sim = False
    with pytest.raises(LackingError, match="has no SIM"):
        ready(device, book)
    device.has_sim, device.is_locked = True, True
    with pytest.raises(LackingError, match="PUK"):
        ready(device, book)
    device.is_locked = False
    modem = ready(device, book)
    assert modem.check().total == 10
    device.is_registered = False
    with pytest.raises(LackingError, match="no network"):
        modem.check()


def test_a_message_that_the_network_refuses_is_not_sent(
    device: stand_in.Modem, book: Book
) -> None:
    modem = ready(device, book)
    device.odd["AT+CMGS"] = "\r\n+CMS ERROR: 50\r\n"
    assert modem.send("+31612345678", "N1 A") == "50"
    device.odd.clear()
    assert modem.send("+31612345678", "N1 B") == ""
    assert device.sent == [("+31612345678", "N1 B")]


@pytest.fixture
def line(
    device: stand_in.Modem, book: Book, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModemLine]:
    for name, seconds in (("FIRST_PAUSE_S", 0.05), ("CHECK_S", 0.1), ("POLL_S", 30.0)):
        monkeypatch.setattr(f"nabij.centre.sms.modem_line.{name}", seconds)
    line = ModemLine(device.port, Uses(book.take), answer_s=0.5)
    line.start()
    wait_until(lambda: not line.trouble)
    yield line
    line.stop(20)


def test_a_message_is_taken_as_soon_as_the_modem_says_so(
    line: ModemLine, device: stand_in.Modem, book: Book
) -> None:
    device.put("N1 AAAA")
    wait_until(lambda: not device.messages, 10)
    assert book.words() == ["N1 AAAA"]


def test_one_that_is_unplugged_is_told_and_comes_back_with_what_came_meanwhile(
    line: ModemLine, device: stand_in.Modem, book: Book
) -> None:
    for round_ in range(3):
        device.unplug()
        wait_until(lambda: line.trouble)
        assert "modem at" in line.trouble
        assert line.send("+31612345678", "N1 A").result(1) == line.trouble
        device.messages[1] = stand_in.Stored(f"N1 {'A' * (round_ + 2)}")
        device.plug()
        wait_until(lambda: not line.trouble and not device.messages)
    assert len(book.texts) == 3


def test_one_that_hangs_is_opened_again(
    line: ModemLine, device: stand_in.Modem, book: Book
) -> None:
    device.is_mute = True
    wait_until(lambda: "does not answer" in line.trouble)
    device.is_mute = False
    device.put("N1 AAAA")
    wait_until(lambda: not line.trouble and not device.messages)
    assert line.send("+31612345678", "N1 B").result(10) == ""


def test_a_full_store_and_a_lost_network_are_told(line: ModemLine, device: stand_in.Modem) -> None:
    device.is_registered = False
    wait_until(lambda: "no network" in line.trouble)
    device.is_registered = True
    device.room = 0
    wait_until(lambda: "is full" in line.trouble)
    device.room = 10
    wait_until(lambda: not line.trouble)


def test_one_that_dies_with_a_message_in_hand_says_so(
    line: ModemLine, device: stand_in.Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    device.odd["AT+CMGS"] = ""
    said = line.send("+31612345678", "N1 A").result(20)
    assert "did not say" in said
    device.odd.clear()
    wait_until(lambda: not line.trouble)


def test_a_fault_of_ours_in_one_message_ends_nothing(
    line: ModemLine, device: stand_in.Modem, book: Book
) -> None:
    def faulty(_text: Text) -> Taken:
        raise RuntimeError("a fault")

    book.verdict = faulty
    device.put("N1 AAAA")
    wait_until(lambda: "a fault" in line.trouble)
    assert line.send("+31612345678", "N1 B").result(1) == line.trouble
    book.verdict = lambda _text: Taken.KEPT
    wait_until(lambda: not line.trouble and not device.messages)
    assert book.words() == ["N1 AAAA"]


def test_a_wrong_pin_is_not_given_again_when_it_cannot_be_forgotten(
    device: stand_in.Modem, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, and what is kept is the same as before."""
    monkeypatch.setattr("nabij.centre.sms.modem_line.FIRST_PAUSE_S", 0.05)
    device.pin = "4711"
    pins = ["0000"]

    def full() -> None:
        raise RuntimeError("the disk is full")

    line = ModemLine(device.port, Uses(book.take, lambda: pins[0], full), answer_s=0.5)
    line.start()
    try:
        wait_until(lambda: device.commands.count("AT+CPIN?") >= 3)
        assert device.pins_tried == ["0000"]
        assert "PIN" in line.trouble
        pins[0] = "4711"
        wait_until(lambda: not line.trouble)
    finally:
        line.stop(20)


def test_what_waited_too_long_for_its_turn_is_not_sent(
    line: ModemLine, device: stand_in.Modem, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked for it has given up by then, and asks again."""
    monkeypatch.setattr("nabij.centre.sms.modem_line.TURN_S", 1.0)
    goes_on = threading.Event()

    def slow(_text: Text) -> Taken:
        goes_on.wait(20)
        return Taken.KEPT

    book.verdict = slow
    device.put("N1 AAAA")
    wait_until(lambda: any(one.startswith("AT+CMGR") for one in device.commands))
    said = line.send("+31612345678", "N1 B")
    time.sleep(1.2)
    goes_on.set()
    assert "turn" in said.result(10)
    assert device.sent == []
    assert line.send("+31612345678", "N1 C").result(10) == ""


def test_a_commit_that_takes_long_delays_no_other_thread(
    line: ModemLine, device: stand_in.Modem, book: Book
) -> None:
    goes_on = threading.Event()

    def slow(_text: Text) -> Taken:
        goes_on.wait(20)
        return Taken.KEPT

    book.verdict = slow
    device.put("N1 AAAA")
    wait_until(lambda: any(one.startswith("AT+CMGR") for one in device.commands))
    assert len(device.messages) == 1
    goes_on.set()
    wait_until(lambda: not device.messages)
