"""Keeps one authenticated connection to the receiver and sends what the outbox says is due."""

from time import ticks_add, ticks_diff, ticks_ms

from badge.core.codec import wire
from badge.core.link_ladder import LinkLadder
from badge.core.portable import const
from badge.link.mqtt import MqttClient
from badge.link.tls import LinkError, TlsStream
from badge.tasks import beat
from badge.tasks.bell import Bell

_PUBLISH_MS = const(10_000)
# A session that was silent so long may be one that the network has forgotten: an alarm waits for
# its PUBACK so long, and then for that of a new session.
_DOUBTED_MS = const(30_000)
_PUBLISH_DOUBTED_MS = const(3_000)
# A lost answer of the modem must not cost a minute; an open connection takes a round trip.
_OPEN_MS = const(13_000)
_ROUND_MS = const(1000)
# From one sign of life to the next: with a session; without one (a bearer that is asked for until
# it comes, a modem that is switched off and on), or as long as TLS may take; and then to close it.
_SESSION_STEP_MS = const(20_000)
_STEP_MS = const(60_000)
_CLOSE_MS = const(15_000)
# What was heard so lately needs no proof for who asks; nobody waits for one longer than this.
_HEARD_MS = const(15_000)
_PROOF_MS = const(5_000)
# A broker that refuses a subscription is asked again on the same connection, and so is a network
# whose time is in doubt.
_ASK_AGAIN_MS = const(60_000)


class Uplink:
    """A bearer up, TLS, MQTT; reconnects for ever, at once when a new alarm waits.

    `bearer` is one of link/bearer.py.
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
        keep_alive,
        calls,
        orders,
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
        self._keep_alive = keep_alive
        self._addresses, self._address_file = calls
        self._orders = orders
        self._good = None
        self._is_calling = False
        self._wake = Bell()
        self._mqtt = self._then = None
        self._packet_id = 0
        self._ladder = LinkLadder(ticks_ms())
        self._bearer_fell = self._socket_hangs = False
        self._asked_ms = 0
        self._clock_asked_ms = 0
        # For whoever asks how the link is. Open: the broker takes alarms; up: and lets us listen.
        # Then the last session's start and TLS context, the last failure, and how many in a row.
        self.is_open = False
        self.is_up = False
        self.was_up = False
        self.took_ms = self.shown = None
        self.last_failure = None
        self.failures = 0
        # As the newest word of the receiver has it.
        self.lacks_permit = False
        self._permit_s = 0

    def kick(self):
        """A new alarm waits: cut short whatever pause is going on, and start with short ones."""
        self.failures = 0
        self._ladder.hurry()
        self._wake.set()

    def prove(self, then):
        """Have `then()` called when a ping was answered or the session has ended.

        False where there is nothing to wait for: no session, or one that was heard just now.
        """
        if not self.is_up or self._mqtt.unheard_ms() < _HEARD_MS:
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
            self._bearer_fell = self._is_calling = self._socket_hangs = False
            started_ms = ticks_ms()
            try:
                await self._open_bearer(feed)
                await self._session(feed)
            except self._errors as error:
                feed()
                self.failures += 1
                self.last_failure = error.code
                self._log.failure("link.down", error, failures=self.failures)
                if self._socket_hangs:
                    # No session mends that: who keeps dying has the badge start anew.
                    raise
                if self._is_calling and not self._bearer_fell:
                    self._addresses.failed(is_silent=error.code == "link.silent")
                is_dead = self._bearer.is_dead(error)
                if self._ladder.failed(ticks_ms(), is_dead=is_dead):
                    await self._revive()
            if self.failures == 1 and self._bearer_fell:
                # The fault was here and not at the far end: nobody is spared by a pause.
                continue
            await self._pause(feed, started_ms)

    async def _open_bearer(self, feed):
        # Before every session: it knows the way back after a brownout or a lost network.
        await self._bearer.open(feed)
        # Again after a failure: a wrong time makes TLS refuse every certificate.
        if self.failures or not self._clock.trusted:
            await self._set_clock()
        self._log.event("modem.ready", clock_trusted=self._clock.trusted)

    async def _set_clock(self):
        self._clock_asked_ms = ticks_ms()
        utc_s = await self._bearer.utc_s()
        if utc_s is None:
            return
        if self._clock.set(utc_s):
            self._keeper.on_clock(utc_s, ticks_ms())
        else:
            self._log.event("clock.refused", utc_s=utc_s)

    async def _session(self, feed):
        feed()
        started_ms = ticks_ms()
        host, port = self._addresses.current()
        most_ms = self._config.link_connect_timeout_ms
        timeout_ms = self._addresses.limit_ms(self.failures, most_ms)
        self._is_calling = True
        sock = self._bearer.stream()
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
        mqtt = self._mqtt = MqttClient(
            stream, client_id, self._keep_alive, self._on_message, self._on_refused
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
            self._proven()
            await mqtt.close()

    async def _listen(self, mqtt, started_ms, timeout_ms):
        """Ask the broker for what the receiver says; refused, alarms go out all the same."""
        topic = wire.down_topic(self._identity.badge)
        self.is_up = await mqtt.subscribe(topic, timeout_ms)
        self._asked_ms = ticks_ms()
        self._outbox.link_is_new(self._keeper.open_alarms(), self._asked_ms)
        self._greeting.session_is_new()
        # What it says now counts, wherever its clock was set to meanwhile.
        self._permit_s = 0
        if not self.is_up:
            self.last_failure = "link.deaf"
            refused = LinkError("link.refused", "the broker refused to subscribe to %s" % topic)
            self._log.failure("link.deaf", refused)
            return
        self.was_up = True
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
                await mqtt.ping(_PROOF_MS)
                self._proven()
                continue
            if not self.is_up and ticks_diff(now_ms, self._asked_ms) >= _ASK_AGAIN_MS:
                await self._listen(mqtt, started_ms, _PUBLISH_MS)
                continue
            if self._wants_opinion(now_ms):
                await self._hear_opinion()
                continue
            if self._greeting.is_due(self._keeper.open_alarms(), now_ms):
                await self._greet(mqtt, now_ms)
                continue
            answer = self._orders.answer()
            if answer is not None:
                await mqtt.publish_once(wire.up_topic(self._identity.badge), answer)
                continue
            if self.shown is not self._tls_context and not self._keeper.under_way():
                return
            if self._address_file.store_due(self._good):
                await self._keep_address()
            wait_ms = self._outbox.wait_ms(self._keeper.open_alarms(), now_ms)
            if wait_ms is None:
                self._addresses.answered()
            round_ms = beat.until_ms(_ROUND_MS)
            await self._nap(round_ms if wait_ms is None else min(wait_ms, round_ms))

    def _proven(self):
        then, self._then = self._then, None
        if then is not None:
            then()

    def _wants_opinion(self, now_ms):
        passed_ms = ticks_diff(now_ms, self._clock_asked_ms)
        return self._clock.is_in_doubt() and passed_ms >= _ASK_AGAIN_MS

    async def _hear_opinion(self):
        try:
            await self._set_clock()
        except self._errors as error:
            # The session is worth more than the time.
            self._log.failure("clock.unanswered", error)
        else:
            self._log.event("clock.asked", trusted=self._clock.trusted, utc_s=self._clock.utc_s())

    async def _keep_address(self):
        await self._gate.wait_open()
        self._gate.begin()
        try:
            self._address_file.store(self._good)
        except OSError as error:
            self._log.failure("address.not_stored", error)
        self._gate.end()

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
        topic = wire.up_topic(self._identity.badge)
        self._log.event("alarm.sending", boot=alarm.boot, seq=alarm.seq, attempt=attempt)
        is_doubted = mqtt.silent_ms() >= _DOUBTED_MS
        most_ms = _PUBLISH_DOUBTED_MS if is_doubted else _PUBLISH_MS
        await mqtt.publish(topic, frame, self._packet_id, most_ms)
        self._keeper.sent(alarm, attempt, ticks_ms())

    async def _greet(self, mqtt, now_ms):
        topic = wire.up_topic(self._identity.badge)
        try:
            frames = self._greeting.frames(self._keeper.open_alarms(), now_ms)
        except wire.WireError as error:
            self._log.failure("hello.unsayable", error)
            return
        for frame in frames:
            await mqtt.publish_once(topic, frame)

    def _on_message(self, topic, payload):
        if wire.type_of(payload) == wire.TYPE_ORDER:
            self._orders.take(payload, self._wake.set)
            return
        try:
            status = wire.decode_status(payload, self._identity.hmac_key, self._identity.badge)
        except wire.WireError as error:
            self._log.failure("link.refused", error)
            return
        self._addresses.answered()
        self._bearer.heard()
        self._good = self._addresses.current()
        self._keeper.on_status(status, ticks_ms())
        self._clock.offset_told(status.offset_quarters, status.utc_s)
        if status.utc_s >= self._permit_s:
            self._permit_s, self.lacks_permit = status.utc_s, bool(status.permit)
        self._wake.set()

    def _on_refused(self, error):
        self._log.failure("link.refused", error)

    async def _revive(self):
        self._log.event("modem.power_cycle", failures=self.failures)
        try:
            await self._bearer.revive()
        except self._errors as error:
            self._log.failure("modem.power_cycle_failed", error)

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
            await self._nap(min(left_ms, _ROUND_MS))
        self._wake.clear()

    async def _nap(self, wait_ms):
        await self._wake.wait_ms(max(wait_ms, 1))
