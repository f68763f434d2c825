"""Motion by a real broker: beside alarms, after them, and through kills of the receiver."""

from __future__ import annotations

import selectors
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import contains
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.codec import motion_piece
from badge.core.codec.motion_piece import DONE, GO_ON, REFUSED, Kept
from nabij.centre.health.disk import Usage
from nabij.centre.incidents.quotas import Quotas
from nabij.centre.motion import pieces as kept
from nabij.centre.motion.shelf import MotionShelf
from nabij.centre.register.enrol import enrol
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.desk import Desk
from tests.host.centre.light_badges import Answers, Fleet
from tests.host.centre.motion.windows import pieces, window
from tests.host.centre.scripts import running
from tests.host.centre.served import Served
from tests.waiting import wait_until

DATA = window()
# No two samples alike: as large as a badge may send, so that it takes longer than the test.
LONG = [tuple(one) for one in np.random.default_rng(1).integers(-2000, 2000, (5500, 3)).tolist()]


class Badge(BadgeClient):
    """One that has fallen, and has the receipt."""

    def fall(self, seq: int = 1) -> int:
        """How often it had to say so."""
        self.connect()
        return self.insist(seq)

    def upload(
        self, data: bytes = DATA, *, until: int | None = None, timeout_s: float = LONG_S
    ) -> list[Kept]:
        """Send it piece by piece, each after the answer, from where the receiver is."""
        answers: list[Kept] = []
        sent, at = pieces(data, self.badge), 0
        while True:
            [piece] = [one for one in sent if one.offset <= at < one.offset + len(one.data)]
            answer = self.send_piece(piece, timeout_s)
            if answer is None:
                raise AssertionError(f"no answer to {piece.offset} after {len(answers)} answers")
            answers.append(answer)
            if answer.state != GO_ON or (until is not None and len(answers) == until):
                return answers
            at = answer.next


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    enrol(tmp_path, "anna")
    enrol(tmp_path, "bert")
    desk = Desk(tmp_path)
    desk.receiver.attach(MotionShelf(desk.said.put))
    with desk.receiver:
        yield desk


def badge_of(desk: Desk, name: str = "anna") -> Badge:
    return Badge(desk.state / "badges" / name, port=desk.port)


def content(desk: Desk, incident_id: int = 1) -> bytes | None:
    found = desk.receiver.store.read(lambda one: kept.content_of(one, incident_id))
    return None if found is None else found[1]


def test_all_of_it_comes_by_the_broker_and_none_into_its_stream(desk: Desk) -> None:
    anna = badge_of(desk)
    often = anna.fall()
    answers = anna.upload()
    assert answers[-1].state == DONE
    assert len(answers) == len(pieces(DATA))
    assert content(desk) == DATA
    # What alarms go through has seen nothing of it.
    assert desk.receiver.link.taken <= often
    assert desk.receiver.intake.counts["wire.shape"] == 0
    anna.close()


def test_what_somebody_else_says_is_neither_kept_nor_answered(desk: Desk) -> None:
    anna, bert = badge_of(desk), badge_of(desk, "bert")
    anna.fall()
    bert.fall()
    mine = pieces(window("bert"), "bert")
    for frame in (
        b"",
        b"x" * 300,
        motion_piece.encode_piece(b"k" * 32, pieces(DATA)[0]),
        # What another badge said, under one's own name.
        motion_piece.encode_piece(bert.key, mine[0]),
    ):
        anna.publish_motion(frame)
    assert anna.upload()[-1].state == DONE
    assert anna.kept.empty()
    assert bert.kept.empty()
    assert content(desk, 2) is None
    anna.close()
    bert.close()


def test_odd_ones_are_told_in_a_sentence_and_the_badge_to_stop(desk: Desk) -> None:
    anna = badge_of(desk)
    anna.fall()
    first, second = pieces(DATA)[:2]
    anna.send_piece(first)
    answer = anna.send_piece(second._replace(offset=60))
    assert answer is not None
    assert answer.state == REFUSED
    assert "other bytes than before" in desk.heard("thrown away")
    anna.close()


def test_one_that_says_odd_things_of_ever_other_alarms_fills_no_log(desk: Desk) -> None:
    anna = badge_of(desk)
    anna.fall()
    for seq in range(100, 120):
        answer = anna.send_piece(pieces(DATA, seq=seq)[0])
        assert answer is not None
        assert answer.state == REFUSED
    anna.close()
    said = [desk.said.get() for _ in range(desk.said.qsize())]
    assert 0 < sum("no incident of that key" in one for one in said) <= 3


def test_a_disk_that_is_short_is_left_to_alarms(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    free = [1 << 20]
    desk.receiver.attach(MotionShelf(desk.said.put, lambda: Usage(100 << 30, free[0])))
    with desk.receiver:
        anna = badge_of(desk)
        anna.fall()
        assert anna.send_piece(pieces(DATA)[0], timeout_s=1.0) is None
        assert "no room for more motion" in desk.heard("motion")
        anna.insist(2)
        free[0] = 50 << 30
        assert anna.upload()[-1].state == DONE
        anna.close()


def test_a_badge_that_floods_with_it_is_held_back_and_others_are_taken(tmp_path: Path) -> None:
    for name in ("anna", "bert"):
        enrol(tmp_path, name)
    desk = Desk(tmp_path, quotas=Quotas())
    desk.receiver.attach(MotionShelf(desk.said.put))
    with desk.receiver:
        anna, bert = badge_of(desk), badge_of(desk, "bert")
        anna.connect()
        bert.fall()
        for _ in range(400):
            anna.publish_motion(b"x" * 170)
        assert "anna" in desk.heard("more than a badge has reason to")
        wait_until(lambda: not anna.connected())
        assert bert.upload(window("bert"))[-1].state == DONE
        anna.close()
        bert.close()


KILLED = """
    import os, signal, sys, threading
    from pathlib import Path
    from badge.core.codec import motion_piece
    from nabij.centre.motion import pieces, shelf
    from nabij.centre.service import Receiver

    left = [3]
    def counted(work, is_before):
        def call(*given, **more):
            left[0] -= 1
            if not left[0] and is_before:
                os.kill(os.getpid(), signal.SIGKILL)
            found = work(*given, **more)
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return found
        return call

    {patch}
    receiver = Receiver(Path(sys.argv[1]), port=int(sys.argv[2]))
    receiver.attach(shelf.MotionShelf(print))
    receiver.start()
    print("ready", flush=True)
    threading.Event().wait()
"""
PATCHES = {
    "in the transaction": "pieces.take = counted(pieces.take, False)",
    "before the answer": "motion_piece.encode_kept = counted(motion_piece.encode_kept, True)",
    "at the last piece": "left[0] = 1; pieces.parse_window = counted(pieces.parse_window, False)",
}


@pytest.mark.parametrize("when", PATCHES)
def test_a_receiver_that_is_killed_goes_on_from_what_it_has(tmp_path: Path, when: str) -> None:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with running(KILLED.replace("{patch}", PATCHES[when]), desk) as process:
        anna = badge_of(desk)
        anna.fall()
        with pytest.raises(AssertionError, match="no answer"):
            anna.upload(timeout_s=5.0)
        assert process.wait(LONG_S) == -signal.SIGKILL
    anna.close()
    desk.receiver.attach(MotionShelf(desk.said.put))
    with desk.receiver:
        anna.connect()
        # It begins at 0, for it may have lost that it was further.
        answers = anna.upload()
        assert answers[0].next > 0
        assert answers[-1].state == DONE
        assert len(answers) < len(pieces(DATA)) + 2
        assert content(desk) == DATA
        anna.close()


def test_a_piece_without_answer_is_not_waited_for(desk: Desk) -> None:
    """Whoever uploads and goes leaves nothing behind that holds up the next one."""
    anna, bert = badge_of(desk), badge_of(desk, "bert")
    anna.fall()
    bert.fall()
    anna.upload(until=2)
    anna.close()
    assert bert.upload(window("bert"))[-1].state == DONE
    anna.connect()
    assert anna.upload()[0].next == 240
    anna.close()
    bert.close()


@dataclass(frozen=True)
class Receipts:
    """How long they took, in ms, alone and beside uploads; how many pieces each upload had."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)


def receipts(state: Path, uploading: int, rounds: int) -> Receipts:
    """Alarms of four badges, by turns while so many upload and while those pause.

    By turns, since what else the machine has to do slows down both then.
    """
    folders = [enrol(state, f"m{number:04d}") for number in range(uploading)]
    crying = [enrol(state, f"a{number}") for number in range(4)]
    served = Served(state)
    found = Receipts()
    try:
        served.line()
        with Fleet([*crying, *folders], served.port) as fleet:
            fleet.raise_alarms(1)
            others, movers = fleet.badges[:4], fleet.badges[4:]
            long = LONG[: 25 * len(LONG) // max(uploading, 25)]
            for badge in movers:
                badge.begin_upload(window(badge.badge, samples=long))
            for number in range(rounds):
                seq = 2 + 2 * number
                found.beside.extend(_measured(others, movers, seq))
                # Whoever has no answer sends no further piece.
                found.alone.extend(_measured(others, [], seq + 1))
            # Nobody had finished before the last round, and all went on.
            assert not any(badge.is_uploaded for badge in movers)
            found.pieces.extend(badge.pieces_kept for badge in movers)
    finally:
        served.end(signal.SIGINT)
    return found


def _measured(others: list[Any], movers: list[Any], seq: int) -> list[float]:
    """Of an alarm of each, one after the other; answers are taken of `movers` meanwhile."""
    took: list[float] = []
    answers = Answers()
    with selectors.DefaultSelector() as selector:
        for badge in (*others, *movers):
            selector.register(badge.socket, selectors.EVENT_READ, badge)
        # What is under way from the turn before comes to its end.
        _hear(selector, answers, lambda: False, 0.3)
        for badge in others:
            sent_s = time.monotonic()
            badge.raise_alarm(seq)
            key = (badge.badge, seq)
            if not _hear(selector, answers, partial(contains, answers.receipts_s, key), LONG_S):
                raise AssertionError("no receipt")
            took.append((answers.receipts_s[key] - sent_s) * 1000)
    return took


def _hear(
    selector: selectors.BaseSelector, answers: Answers, is_done: Callable[[], bool], most_s: float
) -> bool:
    """Take what comes until it is done, False when that takes too long."""
    until_s = time.monotonic() + most_s
    while not is_done():
        if time.monotonic() > until_s:
            return False
        for ready, _events in selector.select(0.02):
            ready.data.take(answers, 0.0)
    return True


@pytest.mark.parametrize("most", [25, pytest.param(1000, marks=pytest.mark.soak)])
def test_alarms_of_others_do_not_wait_for_motion(tmp_path: Path, most: int) -> None:
    """A ratio, for a busy machine is slow in both; many at once in `make soak`."""
    found = receipts(tmp_path, most, 10)
    for name, took in (("alone", found.alone), (f"beside {most} uploads", found.beside)):
        p95 = statistics.quantiles(took, n=20)[-1]
        print(f"receipts {name}: p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms")
    print(f"{sum(found.pieces)} pieces, of the slowest badge {min(found.pieces)}")
    assert sum(found.pieces) > 200
    assert statistics.median(found.beside) < 3 * statistics.median(found.alone) + 150
