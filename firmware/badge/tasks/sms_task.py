"""Tells of alarms by text message while the link brings no receipt (core/sms_choice.py).

Beside the link, which it never asks to wait: it takes its turn at the modem, and nothing of it is
felt but a receipt. Only on a SIM with which a test has come through.
"""

from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core.alarm import sms_choice
from badge.core.alarm.record import BY_SMS
from badge.core.codec import sms_text, wire
from badge.core.portable import const
from badge.drivers.modem.at import AtError, ModemError
from badge.tasks import beat
from badge.tasks.bell import Bell

_ROUND_MS = const(1_000)
# A line that tells of a message can get lost, and a full store takes none in.
_LOOK_MS = const(30_000)
_NEW_MS = const(600_000)
_LOOK_OLD_MS = const(300_000)
# Whose card is in is asked again so often until it is known.
_CARD_MS = const(15_000)
_NOT_READY_MS = const(5_000)
# After an alarm was told, for so long what comes of it is waited for by SMS too.
_LISTEN_MS = const(7_200_000)
# A message that does not end has the modem for so long, and the link goes without: no longer where
# a session was open so lately, for then it is the receiver that is silent, and not the network.
_SEND_MS = const(60_000)
_SEND_OPEN_MS = const(20_000)
_OPEN_MS = const(120_000)
_NO_NETWORK_MS = const(60_000)
# Out, to the receiver, and back: an operator may take its time.
_TEST_MS = const(180_000)
_REGISTERED = (1, 5)
# What the link fails with where there is no card.
_NO_CARD = "modem.sim"

# How SMS stands: no test has come through on this SIM, one is under way, one has.
ABSENT, TESTING, READY = "absent", "testing", "ready"

# to: the receiver's number. after_ms: how long the link has. plain_to: a person's number, or "".
# say(alarm, now_ms): what that person is told.
Numbers = namedtuple("Numbers", ("to", "after_ms", "plain_to", "say"))
# The test under way: its alarm, the card that it went out from, and since when.
_Test = namedtuple("_Test", ("alarm", "card", "began_ms"))


class SmsTask:
    """`sms(news)` makes the driver (drivers/modem/sms.py); `card_file` is an SmsFile."""

    def __init__(self, common, sms, modem, who, keeper, *, outbox, link, card_file, numbers):
        self._clock = common.clock
        self._gate = common.gate
        self._log = common.log
        self._bell = Bell()
        self._sms = sms(self._news)
        self._modem = modem
        self._who = who
        self._keeper = keeper
        self._outbox = outbox
        self._link = link
        self._open_ms = None
        self._card_file = card_file
        self._numbers = numbers
        # (card, when, to) of the test that passed last, and the card that is in.
        self._passed = self._card = None
        self._since_ms = {}
        self._told = {}
        self._plain = set()
        # The alarms that the receiver may have heard of, and may answer.
        self._asked = set()
        self._sent_ms = []
        self._evidence = sms_choice.NO_EVIDENCE
        self._test = None
        self._wanted_ms = None
        self._test_failed = None
        self._has_news = self._is_listening = False
        self._listen_from_ms = self._looked_ms = ticks_ms()
        self._card_ms = self._waits_ms = None
        # Messages that were no status of this badge's receiver.
        self.refused = 0

    def status(self):
        """How SMS stands.

        `state`: ABSENT, TESTING or READY; `card`: the end of the SIM's number, or None;
        `tested_s`: when a test has passed on it; `test_failed`: the code of why the last did not.
        """
        is_ready = self._is_ready()
        state = READY if is_ready else ABSENT
        return {
            "state": state if self._wanted_ms is None and self._test is None else TESTING,
            "card": None if self._card is None else self._card[-4:],
            "tested_s": self._passed[1] if is_ready else None,
            "test_failed": self._test_failed,
        }

    def begin_test(self):
        """Have a test go out by SMS, from this SIM; how it ends is in `status`."""
        if self._wanted_ms is None and self._test is None:
            self._wanted_ms = ticks_ms()
            self._test_failed = None
            self._bell.set()

    async def run(self, feed):
        """Look for ever whether there is something to tell or to hear."""
        try:
            self._passed = self._card_file.load()
        except OSError as error:
            self._log.failure("sms.not_read", error)
        while True:
            feed()
            self._bell.clear()
            try:
                await self._step(ticks_ms())
            except (AtError, ModemError) as error:
                self._log.failure("sms.failed", error)
                self._waits_ms = ticks_ms()
            await self._bell.wait_ms(beat.until_ms(_ROUND_MS))

    async def _step(self, now_ms):
        self._note(now_ms)
        if self._test is not None:
            await self._watch_test(now_ms)
        if self._waits_ms is not None and not _is_past(now_ms, self._waits_ms, _NOT_READY_MS):
            return
        self._waits_ms = None
        if self._modem.registration not in _REGISTERED:
            # It may be switched off meanwhile, and another card be put in.
            self._card_ms = None
            if self._link.last_failure == _NO_CARD:
                self._card = None
            if self._wanted_ms is not None and _is_past(now_ms, self._wanted_ms, _NO_NETWORK_MS):
                self._test_over("modem.no_network")
            return
        if self._card_ms is None or (
            self._card is None and _is_past(now_ms, self._card_ms, _CARD_MS)
        ):
            await self._look_at_card()
        if self._wanted_ms is not None:
            await self._begin_test()
        elif self._is_ready() and sms_choice.may_try(self._evidence, now_ms):
            await self._tell(now_ms)
        if self._is_listening:
            await self._listen(ticks_ms())

    def _is_ready(self):
        passed = self._passed
        return passed is not None and passed[0] == self._card and passed[2] == self._numbers.to

    def _note(self, now_ms):
        """Since when each alarm is without a receipt; those that are over are forgotten."""
        if self._link.is_open:
            self._open_ms = now_ms
        elif self._open_ms is not None and _is_past(now_ms, self._open_ms, _OPEN_MS):
            self._open_ms = None
        since_ms, told, plain, asked = {}, {}, set(), set()
        for alarm in self._keeper.under_way():
            key = alarm.boot, alarm.seq
            if alarm.is_due_for_sending():
                since_ms[key] = self._since_ms.get(key, now_ms)
            if key in self._told:
                told[key] = self._told[key]
            if key in self._plain:
                plain.add(key)
            if key in self._asked:
                asked.add(key)
        self._since_ms, self._told, self._plain, self._asked = since_ms, told, plain, asked
        hour_ms = sms_choice.HOUR_MS
        self._sent_ms = [at for at in self._sent_ms if not _is_past(now_ms, at, hour_ms)]

    async def _tell(self, now_ms):
        found = [one for one in self._keeper.under_way() if one.is_due_for_sending()]
        # Of two as urgent the older goes first.
        found.sort(key=lambda one: (self._outbox.rank(one), one.boot, one.seq))
        waiting = [(one, self._since_ms.get((one.boot, one.seq), now_ms)) for one in found]
        spent, numbers = len(self._sent_ms), self._numbers
        alarm = sms_choice.choose(waiting, self._told, now_ms, numbers.after_ms, spent)
        if alarm is not None:
            # Before it goes: what becomes of the alarm meanwhile is news.
            told = sms_choice.taken(alarm, self._told.get((alarm.boot, alarm.seq)), now_ms)
            text = self._text(alarm, now_ms)
            if text is None or not await self._send(numbers.to, text, alarm):
                self._told[alarm.boot, alarm.seq] = told
            return
        if not numbers.plain_to:
            return
        alarm = sms_choice.choose_plain(waiting, self._plain, now_ms, numbers.after_ms, spent)
        if alarm is not None:
            text = numbers.say(alarm, now_ms)
            if not await self._send(numbers.plain_to, text, alarm, is_plain=True):
                self._plain.add((alarm.boot, alarm.seq))

    def _text(self, alarm, now_ms):
        try:
            frame = self._keeper.frame(alarm, max(alarm.tries, 1), now_ms, sms_text.FRAME_MAX)
        except wire.WireError as error:
            self._log.failure("sms.unsayable", error, boot=alarm.boot, seq=alarm.seq)
            return None
        return sms_text.encode(frame)

    async def _send(self, number, text, alarm, *, is_plain=False):
        """The code of why the network did not take it, or "" when it did."""
        card = self._card
        await self._look_at_card()
        if self._card != card:
            return "sms.card"
        if not self._is_listening:
            await self._sms.listen(True)
            self._is_listening = self._has_news = True
        facts = {"boot": alarm.boot, "seq": alarm.seq, "rev": alarm.rev, "plain": is_plain}
        self._log.event("sms.sending", **facts)
        began_ms = ticks_ms()
        is_open = self._open_ms is not None
        most_ms = _SEND_OPEN_MS if is_open else _SEND_MS
        try:
            await self._sms.send(number, text, most_ms)
        except AtError as error:
            if error.code != "at.garbage":
                has_hung = ticks_diff(ticks_ms(), began_ms) >= most_ms
                self._note_failure(error, has_hung=has_hung)
                if has_hung:
                    self._asked.add((alarm.boot, alarm.seq))
                return "sms.refused" if error.code == "at.error" else error.code
            # It said OK, and the line before that was lost.
        now_ms = self._listen_from_ms = ticks_ms()
        self._asked.add((alarm.boot, alarm.seq))
        self._sent_ms.append(now_ms)
        self._evidence = sms_choice.NO_EVIDENCE
        self._log.event("sms.sent", **facts)
        return ""

    def _note_failure(self, error, *, has_hung):
        now_ms = ticks_ms()
        end = sms_choice.REFUSED
        if has_hung:
            # Nobody knows whether it went: it may have cost, and may be answered.
            end = sms_choice.HUNG
            self._sent_ms.append(now_ms)
            self._listen_from_ms = now_ms
        self._evidence = sms_choice.failed(self._evidence, end, now_ms)
        self._log.failure("sms.not_sent", error, failures=self._evidence.failures)

    async def _look_at_card(self):
        self._card_ms = ticks_ms()
        try:
            card = await self._sms.card()
        except AtError as error:
            if error.code == "at.timeout":
                raise
            card = None
        if card != self._card:
            self._card = card
            self._log.event("sms.card", state=self.status()["state"])

    async def _begin_test(self):
        now_ms = ticks_ms()
        if self._keeper.under_way():
            self._test_over("selftest.alarm")
            return
        alarm = None if self._card is None else self._keeper.test(now_ms, mark=BY_SMS)
        if alarm is None:
            self._test_over("sms.no_card" if self._card is None else "sms.no_room")
            return
        self._wanted_ms = None
        self._test = _Test(alarm, self._card, now_ms)
        try:
            code = await self._send(self._numbers.to, self._text(alarm, now_ms), alarm)
        except (AtError, ModemError) as error:
            # It was not tried, which says nothing of this SIM.
            self._log.failure("sms.failed", error)
            code = error.code
        if code and alarm.is_open():
            self._keeper.end(alarm, ticks_ms())
            self._forget_pass(code)
            self._test_over(code)

    async def _watch_test(self, now_ms):
        test = self._test
        if test.alarm.is_delivered() and not test.alarm.is_open():
            self._passed = (test.card, self._clock.utc_s(), self._numbers.to)
            self._test_over(None)
            await self._gate.wait_open()
            self._gate.begin()
            try:
                self._card_file.store(*self._passed)
            except OSError as error:
                # Until the next start it counts all the same.
                self._log.failure("sms.not_stored", error)
            self._gate.end()
        elif not test.alarm.is_open():
            self._test_over("sms.interrupted")
        elif _is_past(now_ms, test.began_ms, _TEST_MS):
            self._keeper.end(test.alarm, now_ms)
            self._forget_pass("sms.no_receipt")
            self._test_over("sms.no_receipt")

    def _forget_pass(self, code):
        """What was shown on this SIM is not true any more."""
        if code not in ("sms.refused", "sms.no_receipt") or not self._is_ready():
            return
        self._passed = None
        try:
            self._card_file.forget()
        except OSError as error:
            self._log.failure("sms.not_stored", error)

    def _test_over(self, code):
        self._wanted_ms = self._test = None
        self._test_failed = code
        self._log.event("sms.test", verdict=code or "passed")

    async def _listen(self, now_ms):
        """Hear what has come; when nothing is waited for any more, nothing is asked any more."""
        passed_ms = ticks_diff(now_ms, self._listen_from_ms)
        if self._test is None and not (self._asked and 0 <= passed_ms < _LISTEN_MS):
            self._is_listening = False
            await self._sms.listen(False)
            return
        look_ms = _LOOK_MS if passed_ms < _NEW_MS else _LOOK_OLD_MS
        if not self._has_news and not _is_past(now_ms, self._looked_ms, look_ms):
            return
        self._has_news = False
        self._looked_ms = now_ms
        # Again: a modem that started anew has forgotten it.
        await self._sms.listen(True)
        self._has_news = bool(await self._sms.take(self._hear)) or self._has_news

    def _hear(self, text):
        """Whether it was a status of this badge's receiver."""
        who = self._who
        try:
            status = wire.decode_status(sms_text.decode(text), who.hmac_key, who.badge)
        except wire.WireError as error:
            self.refused += 1
            # Whoever knows the number can write: the log must not be theirs to fill.
            if self.refused & (self.refused - 1) == 0:
                self._log.failure("sms.foreign", error, count=self.refused)
            return
        self._log.event("sms.status", boot=status.boot, seq=status.seq, state=status.state)
        self._keeper.on_status(status, ticks_ms())
        self._clock.offset_told(status.offset_quarters, status.utc_s)

    def _news(self):
        self._has_news = True
        self._bell.set()


def _is_past(now_ms, since_ms, limit_ms):
    return not 0 <= ticks_diff(now_ms, since_ms) < limit_ms
