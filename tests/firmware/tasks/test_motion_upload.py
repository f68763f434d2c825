"""When a window of motion is sent, how often, and when no more."""

from __future__ import annotations

import json
from typing import Any

from tests.mp import run_mp

RIG = """
import asyncio, binascii, json, os, struct
import badge.tasks.motion_upload as module
from badge.core.alarm import kinds, life
from badge.core.codec import motion_piece
from badge.storage.motion_marks import MotionMarks
from badge.tasks.common import Common
from badge.tasks.motion_upload import MotionUpload
from collections import namedtuple

now = [1000]
module.ticks_ms = lambda: now[0]
Who = namedtuple("Who", ("badge", "hmac_key"))
Alarm = namedtuple("Alarm", ("boot", "seq", "kind", "state"))
who = Who("nb-0007", b"k" * 32)
said = []

class Gate:
    pressed = False
    def is_pressed(self):
        return self.pressed
    async def wait_open(self):
        await asyncio.sleep_ms(0)
    def begin(self):
        pass
    def end(self):
        pass

class Log:
    def event(self, what, **fields):
        said.append(what)
    def failure(self, what, error, **fields):
        said.append(what)

def store(boot, seq, size=500):
    data = bytes(size - 4)
    with open("motion/%d-%d.nbm" % (boot, seq), "wb") as file:
        file.write(data + struct.pack("<I", binascii.crc32(data)))

os.mkdir("motion")
gate, marks = Gate(), MotionMarks("motion")
alarms, world = [], {"waits": False, "may": True}

def build():
    common = Common(None, None, gate, None, Log())
    return MotionUpload(
        common, marks, who, lambda: alarms, lambda _now: world["waits"], lambda: world["may"]
    )

upload = build()

def turn(after_ms=10):
    now[0] += after_ms
    frame = asyncio.run(upload.next(now[0]))
    if frame is None:
        return None
    upload.sent(now[0])
    return motion_piece.decode_piece(frame, lambda _: who.hmac_key)

def turns(n=6):
    for _ in range(n):
        piece = turn()
        if piece is not None:
            return piece

def answer(piece, next, state=motion_piece.GO_ON):
    kept = motion_piece.Kept(who.badge, piece.boot, piece.seq, next, state)
    upload.heard(motion_piece.encode_kept(who.hmac_key, kept))

def received(seq, kind=kinds.MAN_DOWN, state=life.RECEIVED):
    alarms.append(Alarm(1, seq, kind, state))
"""


def told(body: str) -> Any:
    return json.loads(run_mp(RIG + body + "\nprint(json.dumps(out))").splitlines()[-1])


def test_it_goes_piece_by_piece_and_jumps_to_where_the_receiver_is() -> None:
    out = told("""
store(1, 1)
received(1)
first = turns()
out = [first.offset, turn() is None]
answer(first, 120)
second = turn()
# The answer to the first came twice: nothing more is in flight for that.
answer(first, 120)
out += [second.offset, turn() is None]
answer(second, 360)
third = turn()
out += [third.offset, len(third.data)]
answer(third, 500, motion_piece.DONE)
out += [turns() is None, os.listdir("motion"), said]
""")
    assert out == [
        *(0, True, 120, True, 360, 120, True),
        *(["1-1.nbm"], ["motion.sending", "motion.uploaded"]),
    ]


def test_only_what_motion_has_raised_and_the_receiver_has() -> None:
    out = told("""
out = []
for kind in range(1, 11):
    for state in range(11):
        alarms.clear()
        received(16 * kind + state, kind, state)
        store(1, 16 * kind + state)
        turn(), turn()
        if marks.waiting():
            out.append([kind, state])
            marks.clear(marks.waiting()[0])
            upload = build()
""")
    # A fall, no motion, tilt and flight, each received, taken or with help on its way.
    assert out == [[kind, state] for kind in (2, 3, 4, 9) for state in (4, 5, 6)]


def test_nothing_is_sent_in_a_press_a_pre_alarm_or_while_an_alarm_or_the_battery_waits() -> None:
    out = told("""
store(1, 1)
received(1)
answer(turns(), 120)
out = []
gate.pressed = True
out.append(turns() is None)
gate.pressed = False
world["waits"] = True
out.append(turns() is None)
world["waits"] = False
world["may"] = False
out.append(turns() is None)
world["may"] = True
received(2, kinds.TILT, life.PRE_ALARM)
out.append(turns() is None)
alarms.pop()
out.append(turns().offset)
""")
    assert out == [True, True, True, True, 120]


def test_without_an_answer_it_stops_and_tries_again_in_three_sessions_at_most() -> None:
    out = told("""
store(1, 1)
received(1)
out = []
for _ in range(5):
    upload.session_is_new()
    sent = 0
    for _ in range(400):
        sent += turn(1000) is not None
    out.append(sent)
out.append(said.count("motion.unanswered"))
# It is still marked: another start tries again.
out.append(marks.waiting())
""")
    assert out == [3, 3, 3, 0, 0, 3, [[1, 1]]]


def test_sessions_that_end_at_a_piece_are_not_ended_for_ever() -> None:
    """Something on the way that cuts off whoever sends what it does not know."""
    out = told("""
store(1, 1)
received(1)
out = []
for _ in range(6):
    upload.session_is_new()
    piece = turns()
    out.append(piece is not None)
# One that answers before it falls is a link that falls.
upload = build()
for _ in range(4):
    upload.session_is_new()
    piece = turns()
    answer(piece, piece.offset + len(piece.data))
    out.append(turns().offset)
""")
    assert out == [True] * 3 + [False] * 3 + [120, 240, 360, 480]


def test_answers_that_lead_nowhere_end_it() -> None:
    """A receiver that loses what it has, over and over, or a replay of its answers."""
    out = told("""
store(1, 1)
received(1)
sent, piece = 0, turns()
while piece is not None:
    sent += 1
    answer(piece, 0 if piece.offset else 120)
    piece = turn()
out = [sent, said[-1]]
""")
    assert out == [35, "motion.not_taken"]


def test_no_more_than_four_begin_in_an_hour_and_twelve_in_a_day() -> None:
    out = told("""
out = []
for hour in range(30):
    begun = 0
    alarms.clear()
    for seq in range(1, 7):
        store(1, 10 * hour + seq)
        received(10 * hour + seq)
    for _ in range(60):
        piece = turn()
        if piece is not None:
            begun += 1
            answer(piece, 500, motion_piece.DONE)
    out.append(begun)
    now[0] += 3_600_000
""")
    assert out[:4] == [4, 4, 4, 0]
    assert sum(out[:24]) == 12
    assert out[24:26] == [4, 4]


def test_a_window_that_is_damaged_or_gone_is_left_out_and_the_next_one_goes() -> None:
    out = told("""
for seq in (1, 2, 3):
    store(1, seq)
    received(seq)
turn(), turn()
with open("motion/1-1.nbm", "r+b") as file:
    file.seek(100)
    file.write(b"x")
os.remove("motion/1-2.nbm")
alarms.clear()
upload = build()
piece = turns(12)
out = [piece.seq, said.count("motion.not_sent")]
# A newer one takes its place in flash.
answer(piece, 120)
os.remove("motion/1-3.nbm")
out += [turns() is None, said[-1], sorted(os.listdir("motion"))]
""")
    assert out == [3, 2, True, "motion.not_sent", ["1-1.nbm"]]


def test_what_is_no_answer_changes_nothing() -> None:
    out = told("""
store(1, 1)
received(1)
piece = turns()
def kept(badge="nb-0007", seq=1, next=500, state=motion_piece.DONE, key=who.hmac_key):
    return motion_piece.encode_kept(key, motion_piece.Kept(badge, 1, seq, next, state))

for frame in (b"", kept(key=b"o" * 32), kept("nb-0008"), kept(seq=2), kept(state=0)):
    upload.heard(frame)
    assert turn() is None
answer(piece, 120)
out = [turn().offset, said.count("link.refused")]
# However many come at once.
for _ in range(1000):
    upload.heard(b"x" * 60)
turn()
out.append(said.count("link.refused"))
""")
    assert out == [120, 3, 7]


def test_other_files_in_the_folder_are_left_alone() -> None:
    out = told("""
for name in ("x.due", "1-x.due", ".due", "1-2-3.due", "7.nbm", "notes"):
    with open("motion/" + name, "w"):
        pass
store(1, 1)
received(1)
out = [turns().seq, len(os.listdir("motion")), said]
""")
    assert out == [1, 8, ["motion.sending"]]


def test_a_fault_of_it_ends_it_and_not_the_link() -> None:
    out = told("""
store(1, 1)
received(1)
def broken(*_):
    raise MemoryError()
marks.size = broken
out = [turns() is None, turns() is None, said]
""")
    assert out == [True, True, ["motion.failed"]]
