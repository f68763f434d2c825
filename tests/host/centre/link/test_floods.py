"""One badge floods as fast as it can: the others are served, and so is its own SOS."""

import contextlib
import signal
import ssl
import threading
import time
from pathlib import Path

import pytest

from nabij.centre.incidents.words import FLOOD
from nabij.centre.link.floods import MOST, Copies, Windows
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.light_badges import LightBadge
from tests.host.centre.served import Served


def test_a_window_counts_what_is_too_many_and_then_begins_anew() -> None:
    windows = Windows(3, 10_000)
    assert [windows.count("a", 0) for _ in range(6)] == [0, 0, 0, 1, 2, 3]
    assert windows.count("b", 0) == 0
    assert windows.count("a", 9_999) == 4
    assert [windows.count("a", 10_000) for _ in range(4)] == [0, 0, 0, 1]
    # A clock that was set back.
    assert windows.count("a", 500) == 0


def test_a_copy_is_answered_for_a_short_time_and_few_are_kept() -> None:
    copies: Copies[str] = Copies(most=2, kept_ms=1_000)
    copies.put(b"1", 0, "one")
    assert copies.get(b"1", 999) == "one"
    assert copies.get(b"1", 1_000) is None
    copies.put(b"2", 0, "two")
    copies.put(b"3", 0, "three")
    assert [copies.get(frame, 0) for frame in (b"1", b"2", b"3")] == [None, "two", "three"]


class Flooder(threading.Thread):
    """Sends new alarms as fast as it can, and comes back whenever it is thrown out."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self.thrown_out = 0
        self._folder = folder
        self._port = port
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError, ssl.SSLError, AssertionError):
                badge = LightBadge(self._folder, self._port, 0)
                with badge.socket:
                    self._flood(badge)
            self.thrown_out += 1
            time.sleep(0.25)

    def end(self) -> None:
        self._ending.set()
        self.join(60)

    def _flood(self, badge: LightBadge) -> None:
        drain = threading.Thread(target=_drain, args=(badge.socket,), daemon=True)
        drain.start()
        while not self._ending.is_set():
            self.sent += 1
            badge.raise_alarm(self.sent % 65_535 + 1)


def _drain(connection: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError, ValueError, ssl.SSLError):
        while connection.recv(65_536):
            pass


def flooded(state: Path, seconds: float) -> tuple[Flooder, list[float], list[int]]:
    """Flood for so long; how long each alarm of the others took, and after how many attempts."""
    folders = {name: enrol(state, name) for name in ("flooder", "anna", "bert", "carl")}
    served = Served(state)
    assert served.line().startswith("Ready")
    flooder = Flooder(folders["flooder"], served.port)
    took_s: list[float] = []
    attempts: list[int] = []
    flooder.start()
    end_s = time.monotonic() + seconds
    badges = [BadgeClient(folders[name], port=served.port) for name in ("anna", "bert", "carl")]
    for badge in badges:
        badge.connect()
        badge.hello()
    seq = 0
    while time.monotonic() < end_s or seq < 3 or not flooder.thrown_out:
        assert time.monotonic() < end_s + 120
        seq += 1
        for badge in badges:
            began_s = time.monotonic()
            attempts.append(badge.insist(seq, repeat_s=5.0))
            took_s.append(time.monotonic() - began_s)
        time.sleep(min(1.0, seconds / 5))
    flooder.end()
    own = BadgeClient(folders["flooder"], port=served.port)
    own.insist(70_000, repeat_s=5.0)
    for badge in (*badges, own):
        badge.close()
    served.end(signal.SIGINT)
    return flooder, took_s, attempts


def check(state: Path, flooder: Flooder) -> None:
    """Few incidents, an SOS among them, and one that says why."""
    store = Store(StatePaths(state))
    found = store.incidents("flooder")
    others = store.incidents("anna")
    store.close()
    from_badge = [one for one in found if one.boot]
    assert 1 <= len(from_badge) <= 25
    assert [one.kind for one in found if not one.boot] == [FLOOD]
    assert others
    assert flooder.sent > MOST
    assert flooder.thrown_out >= 1


@pytest.mark.requirement("R09")
def test_a_badge_that_floods_buries_nobody_and_makes_few_incidents(tmp_path: Path) -> None:
    flooder, took_s, _attempts = flooded(tmp_path, 3.0)
    check(tmp_path, flooder)
    assert len(took_s) >= 9


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_a_minute_of_flood_delays_nobody(tmp_path: Path) -> None:
    flooder, took_s, attempts = flooded(tmp_path, 60.0)
    check(tmp_path, flooder)
    p99_s = sorted(took_s)[len(took_s) * 99 // 100]
    print(
        f"\n{flooder.sent} alarms sent, thrown out {flooder.thrown_out} times; receipts of the "
        f"others: {len(took_s)}, p99 {p99_s:.2f} s, worst {max(took_s):.2f} s, "
        f"{max(attempts)} attempts at most"
    )
    assert p99_s < 5.0
