"""Messages from badges: what is kept, what is answered, and which of them are done with."""

import collections
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from badge.core.codec import wire
from badge.core.codec.cbor import WireError
from badge.core.codec.order import TYPE_ANSWER
from nabij.carried import carrier_of
from nabij.centre.clocks import Moment
from nabij.centre.incidents import by_sms, shifts
from nabij.centre.incidents.alarms import Taken
from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.incidents.carriers import note
from nabij.centre.incidents.handling import Owed
from nabij.centre.incidents.standing import Standing
from nabij.centre.link.broker_config import PROBE_DOWN, PROBE_UP
from nabij.centre.link.carriers import Carriers, Opened, UnknownError, answered
from nabij.centre.link.floods import MOST, TOLD, TOLD_MS, WINDOW_MS, Copies, Windows
from nabij.centre.link.heard_places import HearsPlaces, Nowhere, tells_place
from nabij.centre.link.hello_facts import HelloFacts
from nabij.centre.link.hellos import Hellos, Verdict
from nabij.centre.link.incoming import Incoming, Judged, Message, Outcome
from nabij.centre.link.offsets import Offsets
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.centre.watch.deadlines import Backlog, ReadsTime

MOST_DEFERRED: Final = 10_000
_REFUSALS: Final = {
    "wire.cbor": "it is not CBOR",
    "wire.shape": "it is not an alarm or a hello as this release knows them",
    "wire.mac": "its authentication code does not match the badge's key",
    "wire.other_badge": "no badge of that name is enrolled",
    "topic": "what is in it is of another badge",
}
_log = logging.getLogger("nabij.intake")


class Intake:
    """Turns messages into incidents and receipts. `say` gets a sentence about each odd one.

    What came together is kept in one commit, and counts, replies and sentences follow it.
    `counts`: created, changed, duplicate, deferred (the database refused), hello, answer, and
    wire.*, air.unknown or topic (refused); carried, which is one of these too, and air.beacon of
    those that came with somebody else's beacon. `backlog` knows how old a message can be;
    `heard(badge, lag_ms)` is told of each that was not there before, `proved(token, kept)` of
    each probe,
    `flooded(badge)` of one that sends more than a badge has reason to. `lacks_permit(badge)`: its
    wearer has none for the work of now, which they are to feel. `location` hears
    each hello that was not there before and says where its badge is.
    """

    def __init__(
        self,
        store: Store,
        clock: ReadsTime,
        backlog: Backlog,
        say: Callable[[str], None] = _log.warning,
        heard: Callable[[str, int], None] = lambda _badge, _lag_ms: None,
        *,
        proved: Callable[[bytes, bool], None] = lambda _token, _kept: None,
        flooded: Callable[[str], None] = lambda _badge: None,
        lacks_permit: Callable[[str], bool] = lambda _badge: False,
        location: HearsPlaces | None = None,
    ) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self._store = store
        self._clock = clock
        self._backlog = backlog
        self._say = say
        self._heard = heard
        self._proved = proved
        self._flooded = flooded
        self._lacks_permit = lacks_permit
        self._location = location or Nowhere()
        self._rates = Windows(MOST, WINDOW_MS)
        self._refusals = Windows(TOLD, TOLD_MS)
        self._copies: Copies[Outcome] = Copies()
        # Steady time at which a frame that the database refused came first.
        self._deferred: dict[bytes, int] = {}
        # What the database said last, until it takes something again.
        self._complaint = ""
        self._mutex = threading.Lock()
        self._badges: dict[str, BadgeRecord] = {}
        self._revoked: set[str] = set()
        self._hellos = Hellos()
        self._hello_facts = HelloFacts(store, self._complain)
        self._carriers = Carriers()
        self._offsets = Offsets(store, clock.now())
        self.refresh()

    def refresh(self) -> dict[str, str]:
        """Read the badges again; id -> subject of its certificate, of all that are in use."""
        records = self._store.badges()
        badges = {record.badge: record for record in records if record.revoked_ms is None}
        with self._mutex:
            self._badges = badges
            self._revoked = {record.badge for record in records} - badges.keys()
        return {record.badge: record.subject for record in badges.values()}

    def take(
        self,
        topic: str,
        frame: bytes,
        arrived_ms: int | None = None,
        sms: Arrival | None = None,
    ) -> Outcome:
        """Judge a message and keep it; what is in the outcome's reply is on the disk already."""
        [outcome] = self.take_all([Incoming(topic, frame, arrived_ms, sms)])
        return outcome

    def take_all(self, messages: Sequence[Incoming]) -> list[Outcome]:
        """The outcome of each, in order; what is to be kept of all of them is in one commit."""
        now = self._clock.now()
        outcomes: dict[int, Outcome] = {}
        alarms: dict[int, Judged] = {}
        carried: dict[int, Opened] = {}
        copies: dict[int, bytes] = {}
        hellos: dict[int, tuple[wire.Hello, bytes]] = {}
        for number, incoming in enumerate(messages):
            topic, frame = incoming.topic, incoming.frame
            if topic == PROBE_UP:
                outcomes[number] = self._prove(frame, now)
                continue
            came_ms = self._count(incoming, now)
            carrier = None if incoming.sms is not None else carrier_of(topic, frame)
            if carrier is not None:
                try:
                    carried[number] = self._carriers.open(carrier, frame, self._records(), came_ms)
                except WireError as error:
                    outcomes[number] = self._refuse_carried(error, topic)
                    continue
                self.counts["carried"] += 1
                self.counts["air.beacon"] += not carried[number].was_called
                topic, frame = carried[number].topic, carried[number].frame
            if wire.type_of(frame) == TYPE_ANSWER:
                # For whoever gave the order (centre/fleet), who hears it beside the stream.
                self.counts["answer"] += 1
                outcomes[number] = Outcome(done=True)
                continue
            copies[number] = carried[number].copy if number in carried else incoming.copy
            copy = self._copies.get(copies[number], now.steady_ms)
            if copy is not None:
                self.counts["duplicate"] += 1
                outcomes[number] = copy
                continue
            try:
                message = self._open(topic if incoming.sms is None else None, frame)
            except WireError as error:
                outcomes[number] = self._refuse(error.code, topic, self._reason(error, topic))
                continue
            if isinstance(message, wire.Hello):
                hellos[number] = message, frame
            else:
                via = carried[number].via if number in carried else None
                lag_ms = self._lag_ms(incoming, frame, message, now)
                alarms[number] = Judged(frame, message, lag_ms, via, incoming.sms)
        outcomes |= zip(alarms, self._keep(list(alarms.values()), now), strict=True)
        for number, outcome in outcomes.items():
            if outcome.done and number in alarms:
                self._copies.put(copies[number], now.steady_ms, replace(outcome, news=()))
        # After the alarms, which change the answers, and of which none waits for a hello.
        outcomes |= {
            number: replace(
                self._greet(hello, frame, messages[number].arrived_ms),
                is_private=tells_place(hello),
            )
            for number, (hello, frame) in hellos.items()
        }
        self._hello_facts.keep()
        for number, one in carried.items():
            outcomes[number] = answered(one, outcomes[number])
        return [outcomes[number] for number in range(len(messages))]

    def _open(self, topic: str | None, frame: bytes) -> wire.AlarmMessage | wire.Hello:
        """What is in it; with no topic, an alarm of any badge: nothing else comes by SMS."""
        if topic is None:
            alarm: wire.AlarmMessage = wire.decode_alarm(frame, self.key_of)
            return alarm
        message: wire.AlarmMessage | wire.Hello = wire.decode_up(frame, self.key_of)
        if topic != wire.up_topic(message.badge):
            raise WireError("topic", "what is in it is of another badge")
        return message

    def _count(self, incoming: Incoming, now: Moment) -> int:
        """When it came; what comes by SMS is as much as networks let through, and not counted."""
        came_ms = incoming.came_ms(now.wall_ms)
        if incoming.sms is None and self._rates.count(incoming.topic, came_ms) == 1:
            # Nobody but the badge itself may publish there.
            self._flooded(incoming.topic.split("/")[1])
        return came_ms

    def _lag_ms(
        self, incoming: Incoming, frame: bytes, message: wire.AlarmMessage, now: Moment
    ) -> int:
        first_ms = self._deferred.get(frame, now.steady_ms)
        if incoming.sms is None:
            lag_ms = self._backlog.lag_ms(message, now, incoming.arrived_ms)
        else:
            lag_ms = by_sms.lag_ms(message, incoming.sms, now.wall_ms)
        return max(lag_ms, now.steady_ms - first_ms)

    def _prove(self, token: bytes, now: Moment) -> Outcome:
        """Keep that the receiver was alive, as an alarm is kept; without that, no reply."""
        try:
            self._store.prove_alive(now)
        except StoreError as error:
            self._complain(error)
            self._proved(token, False)
            return Outcome(done=True)
        self._proved(token, True)
        return Outcome(done=True, replies=((PROBE_DOWN, token),))

    def _keep(self, alarms: list[Judged], now: Moment) -> list[Outcome]:
        """Keep all in one commit; when that is refused, each in its own."""
        try:
            taken = self._commit(alarms, now)
        except StoreError as error:
            if len(alarms) > 1:
                return self._keep_one_by_one(alarms, now)
            self._complain(error, alarms)
            return [replace(self._defer(alarm, now), is_bad=not error.of_all) for alarm in alarms]
        return [self._settle(*pair) for pair in zip(alarms, taken, strict=True)]

    def _keep_one_by_one(self, alarms: list[Judged], now: Moment) -> list[Outcome]:
        outcomes: list[Outcome] = []
        refuses_all = False
        for alarm in alarms:
            if refuses_all:
                # The next one too, and the database may take seconds to say so.
                outcomes.append(self._defer(alarm, now))
                continue
            try:
                [taken] = self._commit([alarm], now)
            except StoreError as error:
                self._complain(error, [alarm])
                outcomes.append(replace(self._defer(alarm, now), is_bad=not error.of_all))
                refuses_all = error.of_all
            else:
                outcomes.append(self._settle(alarm, taken))
        return outcomes

    def _commit(self, alarms: list[Judged], now: Moment) -> list[Taken]:
        if not alarms:
            return []
        with self._store.batch({alarm.message.badge for alarm in alarms}):
            taken = [
                self._store.take(alarm.message, alarm.frame, now, alarm.lag_ms) for alarm in alarms
            ]
            for alarm in alarms:
                if alarm.via is not None:
                    self._store.write(partial(note, alarm.message, alarm.via, now.wall_ms))
                if alarm.sms is not None:
                    self._store.write(partial(by_sms.note, alarm.message, alarm.sms, now.wall_ms))
        return taken

    def _complain(self, error: StoreError, alarms: Sequence[Judged] = ()) -> None:
        """Say it once, however often the broker brings again what it is about."""
        if alarms and not error.of_all:
            if not all(alarm.frame in self._deferred for alarm in alarms):
                self._say(error.sentence)
            return
        if error.sentence != self._complaint:
            self._say(error.sentence)
        self._complaint = error.sentence

    def _defer(self, alarm: Judged, now: Moment) -> Outcome:
        self.counts["deferred"] += 1
        if len(self._deferred) < MOST_DEFERRED:
            self._deferred.setdefault(alarm.frame, now.steady_ms)
        return Outcome(done=False)

    def _settle(self, alarm: Judged, taken: Taken) -> Outcome:
        """What follows the commit of an alarm."""
        message = alarm.message
        self._complaint = ""
        self._deferred.pop(alarm.frame, None)
        changed = "changed" if taken.news else "duplicate"
        self.counts["created" if taken.created else changed] += 1
        if taken.created or taken.news:
            self._heard(message.badge, alarm.lag_ms)
        if shifts.begins(message):
            self._location.begin(message, alarm.frame)
        if taken.old_shift:
            self._say(
                f"BADGE {message.badge} IS NOT WATCHED for going quiet: its shift has a lower "
                "number than one before, as in a replay; if it lost its memory, enrol it again."
            )
        # A badge of release 1 refuses a status with a rev, and sends none itself.
        rev = 0 if message.rev is None else taken.rev
        told = Standing(message.boot, message.seq, rev, taken.state, taken.number)
        reply = self._reply(message.badge, told, alarm.way)
        replies = () if reply is None else (reply,)
        kept = alarm.sms is None and not self.asks(message.badge)
        return Outcome(done=True, replies=replies, news=taken.news, kept=kept)

    def asks(self, badge: str) -> bool:
        """Whether the badge asks for what it missed; older firmware never does."""
        with self._mutex:
            record = self._badges.get(badge)
            return record is not None and self._hellos.knows(badge, record.hmac_key)

    def status(self, owed: Owed, way: int | None = None) -> Message | None:
        """(topic, frame) that tells a badge what it is owed; None for one that is not let in.

        With a WAY_* it says that the alarm came by that.
        """
        told = Standing(owed.boot, owed.seq, owed.rev, owed.state, owed.number)
        return self._reply(owed.badge, told, way)

    def _greet(self, hello: wire.Hello, frame: bytes, arrived_ms: int | None) -> Outcome:
        """Tell a badge how its alarms stand: it may have been away when somebody moved them on."""
        now = self._clock.now()
        with self._mutex:
            record = self._badges.get(hello.badge)
            key = None if record is None else record.hmac_key
            verdict = self._hellos.judge(hello, key, now.steady_ms)
        if verdict is Verdict.REPLAY:
            self.counts["duplicate"] += 1
            return Outcome(done=True)
        self.counts["hello"] += 1
        waited_ms = self._backlog.waited_ms(arrived_ms, now) or 0
        self._heard(hello.badge, waited_ms)
        if tells_place(hello):
            self._location.hear(hello, now.wall_ms - waited_ms)
        if verdict is Verdict.TOO_MANY:
            return Outcome(done=True)
        self._hello_facts.hear(hello, frame, now.wall_ms - waited_ms)
        # Who has no alarm asks for the time alone, and for a permit.
        has_news = self._lacks_permit(hello.badge)
        has_news = has_news or self._offsets.quarters(hello.badge, now) is not None
        if not hello.open and not has_news:
            return Outcome(done=True)
        try:
            standings = self._store.standings(hello.badge, hello.open)
        except StoreError as error:
            # The badge says hello again.
            self._complain(error)
            return Outcome(done=True)
        replies = [self._reply(hello.badge, one) for one in standings]
        return Outcome(done=True, replies=tuple(one for one in replies if one))

    def _reply(self, badge: str, told: Standing, way: int | None = None) -> Message | None:
        key = self.key_of(badge)
        if key is None:
            return None
        now = self._clock.now()
        frame = wire.encode_status(
            key,
            badge,
            told.boot,
            told.seq,
            told.state,
            now.wall_ms // 1000,
            rev=told.rev or None,
            number=told.number or None,
            offset_quarters=self._offsets.quarters(badge, now),
            permit=int(self._lacks_permit(badge)),
            way=way,
        )
        return wire.down_topic(badge), frame

    def key_of(self, badge: str) -> bytes | None:
        """The key of a badge that is let in. For any thread."""
        with self._mutex:
            record = self._badges.get(badge)
        return record.hmac_key if record is not None else None

    def _refuse_carried(self, error: WireError, topic: str) -> Outcome:
        """A carrier that is told carries such things seldom: whoever is near can make them."""
        outcome = self._refuse(error.code, topic, _REFUSALS.get(error.code, str(error)))
        return replace(outcome, replies=(error.answer,) if isinstance(error, UnknownError) else ())

    def _records(self) -> dict[str, BadgeRecord]:
        with self._mutex:
            return self._badges

    def _reason(self, error: WireError, topic: str) -> str:
        with self._mutex:
            revoked = topic in {wire.up_topic(badge) for badge in self._revoked}
        if revoked and error.code == "wire.other_badge":
            return "that badge is revoked"
        return _REFUSALS.get(error.code, str(error))

    def _refuse(self, code: str, topic: str, reason: str) -> Outcome:
        self.counts[code] += 1
        surplus = self._refusals.count(f"{topic} {reason}", self._clock.now().steady_ms)
        if not surplus:
            self._say(f"Refused a message on {topic[:64]!r}: {reason}.")
        elif surplus == 1:
            self._say(
                f"Refused more messages on {topic[:64]!r} of that sort; they are counted and not "
                "told for a minute."
            )
        return Outcome(done=True)
