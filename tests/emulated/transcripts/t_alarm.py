"""The alarm table walked whole, and lives of alarms with clocks that wrap and resets between."""

from binascii import hexlify

from common import Draw, begin, end, turns

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.life import Refused
from badge.core.alarm.record import AGE_AT_LEAST, Alarm, unpack

# Just before the ticks wrap, and an age that no small integer of a 32-bit VM holds.
START_MS = ticks.PERIOD - 5000
LONG_MS = ticks.PERIOD // 2 - 1


def step(state, event):
    try:
        following, actions = life.step(state, event)
    except Refused as refused:
        return str(refused)
    return "%s %s" % (life.STATE_NAMES[following], " ".join(actions))


def handle(alarm, event, now_ms):
    try:
        return " ".join(alarm.handle(event, now_ms))
    except Refused:
        return "refused"


def live(seed):
    draw = Draw(seed)
    now_ms = START_MS
    alarm = Alarm(kinds.MAN_DOWN, 0xFFFFFFFF, seed, now_ms, None, bool(seed & 1))
    alarm.peak_mg, alarm.tilt_deg = 4000 + seed, seed
    for _ in range(20):
        now_ms = ticks.add(now_ms, LONG_MS if draw.below(6) == 0 else draw.below(60000))
        event = draw.below(len(life.EVENT_NAMES))
        did = handle(alarm, event, now_ms)
        if draw.below(5) == 0:
            alarm.learn_utc(1790000000 + draw.below(60000), now_ms)
        record = alarm.pack(now_ms)
        print(seed, life.EVENT_NAMES[event], alarm.state, did, hexlify(record).decode())
        if draw.below(8) == 0:
            now_ms = draw.below(60000)
            alarm = unpack(alarm.boot, alarm.seq, record, now_ms)
    print(seed, alarm.kind, alarm.utc_s, alarm.age_ms(now_ms), alarm.has(AGE_AT_LEAST))


begin()
for state in range(len(life.STATE_NAMES)):
    for event in range(len(life.EVENT_NAMES)):
        print(life.STATE_NAMES[state], life.EVENT_NAMES[event], step(state, event))
for seed in range(1, turns(3, 6)):
    live(seed)
end()
