"""A book of alarms and its outbox through an hour of squeezes, falls, statuses and lost links."""

from common import Draw, begin, end, turns

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.life import Refused
from badge.core.alarm.outbox import Outbox
from badge.core.codec.wire import Status
from badge.core.settings.config import defaults


def show(word, now_ms, *facts):
    print(word, now_ms, *facts)


def happen(draw, book, now_ms):
    what = draw.below(12)
    if what == 0:
        alarm, actions = book.squeeze(now_ms, 1790000000 + draw.below(1000))
        show("squeeze", now_ms, alarm.seq, *actions)
    elif what == 1:
        try:
            alarm, actions = book.condition(kinds.MAN_DOWN, now_ms, None, draw.below(9000), 80)
            show("fall", now_ms, alarm.seq, *actions)
        except Refused as refused:
            show("fall", now_ms, refused)
    elif what < 5 and book.alarms:
        alarm = book.alarms[draw.below(len(book.alarms))]
        key = ("badge-0001", alarm.boot, alarm.seq)
        status = Status(*key, 1 + draw.below(4), 1790000000, alarm.rev or None, *(None,) * 4)
        try:
            _, actions = book.on_status(status, now_ms)
            show("status", now_ms, status.seq, status.state, *actions)
        except Refused as refused:
            show("status", now_ms, refused)
    elif what == 5:
        for alarm in book.in_state(life.PRE_ALARM):
            show("over", now_ms, *book.handle(alarm, life.EV_PRE_ALARM_OVER, now_ms))
    elif what == 6:
        # 12 days in ms are no small integer of a 32-bit VM.
        due_s = (300, 1_036_800)[draw.below(2)]
        try:
            alarm, actions = book.deadline(kinds.AMBER, due_s, now_ms)
            show("amber", now_ms, alarm.seq, alarm.told_due_s(now_ms), *actions)
        except Refused as refused:
            show("amber", now_ms, refused)
    elif what == 7:
        for alarm in book.in_state(life.WAITING):
            show("left", now_ms, alarm.due_in_ms(now_ms), alarm.told_due_s(now_ms))
            event = (life.EV_EXPIRED, life.EV_END, life.EV_DURESS)[draw.below(3)]
            show("deadline", now_ms, *book.handle(alarm, event, now_ms))


def live(seed, looks):
    draw = Draw(seed)
    book = AlarmBook(seed)
    outbox = Outbox(defaults(), lambda: draw.below(256))
    now_ms = ticks.PERIOD - 20000
    link_up = True
    for _ in range(looks):
        now_ms = ticks.add(now_ms, 200 + draw.below(20000))
        happen(draw, book, now_ms)
        if draw.below(10) == 0:
            link_up = not link_up
            if link_up:
                outbox.link_is_new(book.alarms, now_ms)
        for alarm in book.alarms:
            if outbox.late(alarm, now_ms):
                show("late", now_ms, alarm.seq, *book.handle(alarm, life.EV_LATE, now_ms))
        alarm = outbox.due(book.alarms, now_ms, link_up)
        if alarm:
            tries = outbox.sent(alarm, now_ms)
            book.handle(alarm, life.EV_SENT, now_ms)
            show("sent", now_ms, alarm.seq, tries, alarm.retry_at_ms, alarm.age_ms(now_ms))
        show(
            "wait",
            now_ms,
            outbox.wait_ms(book.alarms, now_ms),
            outbox.reconnect_ms(tries_of(book)),
        )


def tries_of(book):
    return max([alarm.tries for alarm in book.alarms] or [0])


begin()
for seed in (1, 2):
    live(seed, turns(16, 40))
end()
