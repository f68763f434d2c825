"""Keeps one authenticated connection to the receiver and sends what the outbox says is due."""

from time import ticks_add, ticks_diff, ticks_ms

from badge.core.alarm import life
from badge.core.codec import wire
from badge.core.link_ladder import POWER, LinkLadder
from badge.core.outage import Outages
from badge.core.portable import const
from badge.link.mqtt import DOUBTED_MS, PROOF_MS, PUBLISH_DOUBTED_MS, MqttClient, sound
from badge.link.tls import LinkError, TlsStream
from badge.tasks import beat, kept_address
from badge.tasks.bell import Bell
from badge.tasks.inbox import Inbox
from badge.tasks.network_time import NetworkTime

_PUBLISH_MS = const(10_000)
# A lost answer of the modem must not cost a minute; an open connection takes a round trip.
_OPEN_MS = const(13_000)
_ROUND_MS = const(1000)
# From one sign of life to the next: with a session; without one (a bearer that is asked for until
# it comes, a modem that is switched off and on), or as long as TLS may take; and then to close it.
_SESSION_STEP_MS = const(20_000)
_STEP_MS = const(60_000)
_CLOSE_MS = const(15_000)
# Heard so lately a session is trusted by an alarm, and needs no proof for who asks.
_FRESH_MS, _HEARD_MS = const(5_000), const(15_000)
# A broker that refuses a subscription, and a network whose time is in doubt, are asked again.
_ASK_AGAIN_MS = const(60_000)


class Uplink:
    """A bearer up, TLS, MQTT; reconnects for ever, at once when a new alarm waits.

    `bearer` is one of link/bearer.py; `motion` a MotionUpload, `carried` a CarriedDesk, or None.
    """

    def __init__(
        self,
        common,
        bearer,
        identity,
        tls_context,
        keeper,
        *,
        outbox,
        greeting,
        keep_alives,
        calls,
        orders,
        motion=None,
        carried=None,
        locator=None,
    ):
        self._config = common.config
        self._clock = common.clock
        self._gate = common.gate
        self._log = common.log
        self._bearer = bearer
        self._errors = bearer.errors + (LinkError,)  # noqa: RUF005  MicroPython
        self._identity = identity
        self._tls_context = tls_context
        self._keeper = keeper
        self._outbox = outbox
        self._greeting = greeting
        self._keep_alives = keep_alives
        self._time = NetworkTime(common, bearer, keeper.on_clock)
        self._addresses, self._address_file = calls
        self._orders = orders
        self._motion = motion
        self._carried = carried
        self._locator = locator
        self._good = None
        self._is_calling = False
        self._wake = Bell()
        self._mqtt = self._sock = self._then = None
        self._packet_id = 0
        self._ladder = LinkLadder(ticks_ms(), outbox.random_byte)
        self._bearer_fell = self._socket_hangs = self._is_unanswered = False
        self._asked_ms, self.outages = 0, Outages(ticks_ms())
        # For whoever asks how the link is. Open: the broker takes alarms; up: and lets us listen.
        # Then the last session's start and TLS context, the last failure, and how many in a row.
        # Locating: the modem is off its network for a look at the satellites.
        self.is_open = self.is_up = self.was_up = self.is_locating = False
        self.took_ms = self.shown = None
        self.last_failure, self.failures = None, 0
        hearers = keeper, orders, motion, carried
        self.inbox = Inbox(common, identity, hearers, self._heard_receiver, self._wake.set)

    def kick(self, alarm):
        """A new alarm waits: cut short whatever pause is going on, and start with short ones."""
        self.failures = 0
        if not alarm.is_technical():
            self._ladder.hurry()
            self._bearer.hurry()
        self._wake.set()

    def look(self):
        """Something else than an alarm waits to be sent."""
        self._wake.set()

    def prove(self, then):
        """Have `then()` called when a ping was answered or the session has ended.

        False where there is nothing to wait for: no session, or one that was heard just now.
        """
        if not self.is_up:
            self._ladder.hurry(1)
            self._bearer.hurry()
            return False
        if self._mqtt.unheard_ms() < _HEARD_MS:
            return False
        self._then = then
        self._wake.set()
        return True

    def change(self, tls_context):
        """Have sessions show this; one that shows another ends once no alarm is open."""
        self._tls_context = tls_context
        self._wake.set()

    def step_ms(self):
        """After how long without a sign of life `run` hardly works any more."""
        if self.is_up:
            return _SESSION_STEP_MS
        return max(self._config.link_connect_timeout_ms, _STEP_MS) + _CLOSE_MS

    async def run(self, feed):
        """Hold a session open for ever; a session that ends is opened again after a pause."""
        while True:
            self._bearer_fell = self._is_calling = self._socket_hangs = self._is_unanswered = False
            started_ms = ticks_ms()
            try:
                await self._open_bearer(feed)
                await self._session(feed)
                if self.is_locating:
                    await self._locate(feed)
                    continue
            except self._errors as error:
                feed()
                self.failures, self.last_failure = self.failures + 1, error.code
                self.outages.failed(error.code, getattr(error, "cause", 0))
                self._log.failure("link.down", error, failures=self.failures)
                if self._socket_hangs:
                    # No session mends that: who keeps dying has the badge start anew.
                    raise
                if self._is_calling and not self._bearer_fell and not self._is_unanswered:
                    self._addresses.failed(is_silent=error.code == "link.silent")
                is_dead = self._bearer.is_dead(error)
                # Any other end shows that the way is open, or that the modem takes no command.
                is_open = self._is_calling and error.code in ("link.timeout", "modem.open")
                rung = self._ladder.failed(ticks_ms(), is_dead=is_dead, is_open=is_open)
                if rung:
                    await self._revive(rung)
            if self.failures == 1 and (self._bearer_fell or self._is_unanswered):
                # The fault was here and not at the far end: nobody is spared by a pause.
                continue
            if self.failures and self._is_time_to_look(self.last_failure):
                await self._locate(feed)
                continue
            await self._pause(feed, started_ms)

    def _is_over(self, quiet_ms):
        """Whether the session is to end: for another certificate, or for the satellites."""
        is_free = not self._keeper.under_way() and not self._gate.is_pressed()
        if self.shown is not self._tls_context and is_free:
            return True
        self.is_locating = self._is_time_to_look(quiet_ms=quiet_ms)
        return self.is_locating

    def _is_time_to_look(self, failed="", quiet_ms=0):
        """Whether the modem is to look for satellites now, in a session or after that failure."""
        is_free = self._bearer.name == "lte_m" and not self._wake.is_set()
        return is_free and self._locator is not None and self._locator.is_wanted(failed, quiet_ms)

    async def _locate(self, feed):
        """Give up the modem for a look at the satellites."""
        try:
            if not await self._locator.window(feed, self._wake):
                await self._revive(POWER)
        finally:
            self.is_locating = False

    async def _open_bearer(self, feed):
        began_ms = ticks_ms()
        # Before every session: it knows the way back after a brownout or a lost network.
        await self._bearer.open(feed)
        if self._bearer.name == "lte_m" and ticks_diff(ticks_ms(), began_ms) > _SESSION_STEP_MS:
            self.outages.searched()
        await self._note_cell()
        # Again after a failure: a wrong time makes TLS refuse every certificate.
        if self.failures or not self._clock.trusted:
            await self._time.ask()
        self._log.event("modem.ready", clock_trusted=self._clock.trusted)

    async def _note_cell(self):
        cell = await self._bearer.cell()
        if cell is not None:
            self._keeper.where.in_cell(cell, ticks_ms())

    async def _session(self, feed):
        feed()
        started_ms, most_ms = ticks_ms(), self._config.link_connect_timeout_ms
        host, port = self._addresses.current()
        timeout_ms = self._addresses.limit_ms(self.failures, most_ms, self._bearer.ways)
        self._is_calling = True
        sock = self._sock = self._bearer.stream()
        try:
            await sock.open(host, port, min(timeout_ms, _OPEN_MS))
            feed()
            self.shown = self._tls_context
            stream = TlsStream(sock, self.shown, host, self._gate)
            try:
                await stream.handshake(timeout_ms)
                feed()
                await self._talk(stream, timeout_ms, started_ms, feed)
            finally:
                await stream.close()
        finally:
            await sock.aclose()
            self._bearer_fell = sock.is_bearer_lost()
            self._socket_hangs = sock.hangs()

    async def _talk(self, stream, timeout_ms, started_ms, feed):
        client_id = wire.client_id(self._identity.badge, self._identity.hmac_key)
        inbox = self.inbox
        mqtt = self._mqtt = MqttClient(
            stream, client_id, self._keep_alives.of(self._bearer.name), inbox.take, inbox.refuse
        )
        try:
            await mqtt.connect(timeout_ms)
            feed()
            self.is_open = True
            await self._listen(mqtt, started_ms, timeout_ms)
            self.failures = 0
            await self._serve(mqtt, started_ms, feed)
        finally:
            # Silence is helped by a session no more than a refusal is.
            if self.is_open and self._addresses.is_answered:
                self._ladder.session(ticks_ms())
            self.is_open = self.is_up = False
            self.outages.down(ticks_ms())
            self._proven()
            await mqtt.close()

    async def _listen(self, mqtt, started_ms, timeout_ms):
        """Ask the broker for what the receiver says; refused, alarms go out all the same."""
        topic = wire.down_topic(self._identity.badge)
        self.is_up = await mqtt.subscribe(topic, timeout_ms)
        self._asked_ms = ticks_ms()
        self._outbox.link_is_new(self._keeper.open_alarms(), self._asked_ms)
        self._greeting.session_is_new()
        if self._motion is not None:
            self._motion.session_is_new()
        self.inbox.session_is_new()
        if not self.is_up:
            self.last_failure = "link.deaf"
            refused = LinkError("link.refused", "the broker refused to subscribe to %s" % topic)
            self._log.failure("link.deaf", refused)
            return
        self.was_up = True
        self.outages.up(self._asked_ms, by_modem=self._bearer.name == "lte_m")
        self.took_ms = ticks_diff(self._asked_ms, started_ms)
        host, port = self._addresses.current()
        self._log.event("link.up", took_ms=self.took_ms, host=host, port=port)

    async def _serve(self, mqtt, started_ms, feed):
        while True:
            feed()
            mqtt.check()
            self._wake.clear()
            now_ms = ticks_ms()
            alarm = self._outbox.due(self._keeper.open_alarms(), now_ms, True)
            if alarm is not None:
                await self._send(mqtt, alarm, now_ms)
                continue
            if self._then is not None:
                await mqtt.ping(PROOF_MS)
                self._proven()
                continue
            if not self.is_up and ticks_diff(now_ms, self._asked_ms) >= _ASK_AGAIN_MS:
                await self._listen(mqtt, started_ms, _PUBLISH_MS)
                continue
            if self._time.wants_opinion(now_ms):
                await self._time.hear_opinion()
                continue
            if self._greeting.is_due(self._keeper.open_alarms(), now_ms):
                await self._greet(mqtt, now_ms)
                continue
            if (answer := self._answer()) is not None:
                await mqtt.publish_once(wire.up_topic(self._identity.badge), answer)
                continue
            if self._is_over(mqtt.silent_ms()):
                return
            if await sound(mqtt, self._sock, self._gate, self._is_near):
                continue
            await self._note_cell()
            await kept_address.keep(self._address_file, self._good, self._gate, self._log)
            if self._motion is not None and await self._send_motion(mqtt):
                continue
            wait_ms = self._outbox.wait_ms(self._keeper.open_alarms(), now_ms)
            round_ms = beat.until_ms(_ROUND_MS)
            if wait_ms is None:
                self._addresses.answered()
                wait_ms = round_ms
            await self._wake.wait_ms(max(min(wait_ms, round_ms), 1))

    def _is_near(self):
        alarms = self._keeper.open_alarms()
        return self._gate.is_pressed() or self._outbox.is_near(alarms, ticks_ms())

    def _answer(self):
        answer = self._orders.answer()
        return self._carried.frame() if answer is None and self._carried is not None else answer

    async def _send_motion(self, mqtt):
        """Send a piece, unless there is something else, satellites too; True when one was sent."""
        is_free = self.is_up and not self._is_time_to_look(quiet_ms=DOUBTED_MS)
        piece = await self._motion.next(ticks_ms()) if is_free else None
        # That took a while if flash was written to.
        if piece is None or self._wake.is_set():
            return False
        self._motion.sent(ticks_ms())
        await mqtt.publish_once(wire.motion_topic(self._identity.badge), piece)
        return True

    def _proven(self):
        then, self._then = self._then, None
        if then is not None:
            then()

    async def _send(self, mqtt, alarm, now_ms):
        if self._addresses.is_answered:
            self._ladder.session(now_ms)
        key = alarm.boot, alarm.seq
        if self._addresses.is_silent(key):
            raise LinkError("link.silent", "taken by the broker, and no receipt")
        attempt = self._outbox.sent(alarm, now_ms)
        try:
            frame = self._keeper.frame(alarm, attempt, now_ms)
        except wire.WireError as error:
            # One alarm that cannot be said must not keep the others from being sent.
            self._log.failure("alarm.unsayable", error, boot=alarm.boot, seq=alarm.seq)
            return
        self._addresses.tried(key, is_deaf=not self.is_up)
        self._packet_id = self._packet_id % 0xFFFE + 1
        self._log.event("alarm.sending", boot=alarm.boot, seq=alarm.seq, attempt=attempt)
        # The first time only a fresh one is trusted; then a slow network gets its time.
        unheard_ms = mqtt.unheard_ms()
        is_new = attempt == 1 and alarm.state == life.RAISED
        self._is_unanswered = is_new and unheard_ms >= _FRESH_MS
        is_doubted = self._is_unanswered or unheard_ms >= DOUBTED_MS
        most_ms = PUBLISH_DOUBTED_MS if is_doubted else _PUBLISH_MS
        await mqtt.publish(wire.up_topic(self._identity.badge), frame, self._packet_id, most_ms)
        self._is_unanswered = False
        self._keeper.sent(alarm, attempt, ticks_ms())

    async def _greet(self, mqtt, now_ms):
        try:
            told = self.outages.told(now_ms)
            frames = self._greeting.frames(self._keeper.open_alarms(), now_ms, told)
        except wire.WireError as error:
            self._log.failure("hello.unsayable", error)
            return
        for frame in frames:
            await mqtt.publish_once(wire.up_topic(self._identity.badge), frame)

    def _heard_receiver(self):
        self._addresses.answered()
        self._bearer.heard()
        self._good = self._addresses.current()

    async def _revive(self, rung):
        if rung == POWER:
            self._log.event("modem.power_cycle", failures=self.failures)
        else:
            self._log.event("modem.renewed", rung=rung, failures=self.failures)
        try:
            await self._bearer.revive(rung)
        except self._errors as error:
            self._log.failure("modem.revive_failed", error)

    async def _pause(self, feed, started_ms):
        now_ms = ticks_ms()
        # From attempt to attempt; but after a session all badges of a broker come at once.
        from_ms = started_ms if self.failures > 1 else now_ms
        alarms = self._keeper.open_alarms()
        rounds = self._addresses.rounds(self.failures)
        until_ms = ticks_add(from_ms, self._outbox.reconnect_ms(rounds, alarms, now_ms))
        # Not cleared first: an alarm raised during the attempt that failed wants another at once.
        while not self._wake.is_set():
            feed()
            left_ms = ticks_diff(until_ms, ticks_ms())
            if left_ms <= 0:
                break
            await self._wake.wait_ms(min(left_ms, _ROUND_MS))
        self._wake.clear()
