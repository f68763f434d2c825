"""MQTT 3.1.1 client, QoS 1 up and 0 down: one reader task, bounded waits, one write a packet."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.codec import mqtt
from badge.core.portable import const
from badge.link.tls import LinkError

_CHUNK = const(256)
_PACKET_MAX = const(1024)
# What is longer than a packet of ours is passed over up to here: more takes LTE-M too long.
_PASS_OVER_MAX = const(65_536)
_WAITING_MAX = const(8)
_WRITE_MS = const(20_000)
# An alarm may wait behind it. What has no room in the stream for so long stands still.
_WRITE_ONCE_MS = const(3_000)
_PING_REPLY_MS = const(15_000)
_SUBSCRIBE_ID = const(0xFFFF)
_PING = (13, 0)
# A session in which nothing was heard for so long may be one that the network has forgotten: an
# alarm waits for its PUBACK so long, and then for that of a new session.
DOUBTED_MS = const(30_000)
PUBLISH_DOUBTED_MS = const(3_000)
# Nobody waits longer for the proof that a session is there.
PROOF_MS = const(5_000)
# What was heard so lately is there.
_SOUND_MS = const(5_000)


class MqttClient:
    """MQTT over `stream` (a TlsStream), which it closes in the end; failures are LinkError.

    Its own task reads, and pings after a silence that `keep_alive` (core/keep_alive.py) learns.
    `on_message(topic, payload)` must not wait; a QoS 1 message is acknowledged after it returns.
    A payload too long for us comes cut short; what cannot be read goes to `on_refused(error)`, and
    is acknowledged too, lest it come back for ever.
    """

    def __init__(self, stream, client_id, keep_alive, on_message, on_refused=None):
        self._stream = stream
        self._client_id = client_id
        self._keep_alive = keep_alive
        self._on_message = on_message
        self._on_refused = on_refused
        self._packets = mqtt.PacketReader(_PACKET_MAX, _PASS_OVER_MAX)
        self._waiting = {}
        self._sent_at = self._passed_at = self._heard_at = 0
        # When something that nobody need acknowledge was sent, until anything comes.
        self._said_at = None
        self._task = None
        self.error = None

    async def connect(self, timeout_ms, will=None):
        """Opens a clean session: the broker keeps nothing for us. `will` is (topic, payload)."""
        # The longest that it may become: the broker drops us at 1.5 times what it was told.
        request = mqtt.connect(self._client_id, self._keep_alive.most_s, True, will)
        self._task = asyncio.create_task(self._run())
        session_present, code = await self._ask((mqtt.CONNACK, 0), request, timeout_ms)
        if code:
            raise LinkError("link.refused", "the broker answered CONNECT with code %d" % code)
        if session_present:
            raise LinkError("link.protocol", "a session is present after a clean start")

    async def subscribe(self, topic, timeout_ms):
        """Subscribes with QoS 0; False when the broker refuses, and the connection stays."""
        request = mqtt.subscribe(_SUBSCRIBE_ID, topic)
        return await self._ask((mqtt.SUBACK, _SUBSCRIBE_ID), request, timeout_ms)

    async def publish(self, topic, payload, packet_id, timeout_ms, *, dup=False):
        """Returns when the broker has acknowledged; to repeat it, use its `packet_id` and dup."""
        message = mqtt.publish(topic, payload, packet_id, dup=dup)
        await self._ask((mqtt.PUBACK, packet_id), message, timeout_ms)

    async def publish_once(self, topic, payload):
        """Returns when it is on its way (3 s at most), with QoS 0; if it arrives nobody tells."""
        self.check()
        # Unless something comes after it, the next PINGREQ must not be put off by it.
        self._passed_at = self._said_at = ticks_ms()
        await self._stream.write(mqtt.publish_once(topic, payload), _WRITE_ONCE_MS)

    async def ping(self, timeout_ms):
        """Returns when the broker has answered a ping."""
        await self._ask(_PING, mqtt.PINGREQ, timeout_ms)

    def check(self):
        """Raises the LinkError that ended the connection, if it has ended."""
        if self.error:
            raise self.error

    async def close(self):
        """Says goodbye (no will is sent) if the connection stands, and stops the reader."""
        if self.error is None and self._task is not None:
            try:
                await self._stream.write(mqtt.DISCONNECT, 1_000)
            except LinkError as e:
                self._end(e)
        self._end(LinkError("link.closed", "closed by the badge"))
        if self._task is not None:
            self._task.cancel()
            self._task = None
        await self._stream.close()

    async def _ask(self, key, packet, timeout_ms):
        self.check()
        if key in self._waiting or len(self._waiting) >= _WAITING_MAX:
            raise LinkError("link.protocol", "packet id %d is still in flight" % key[1])
        started = ticks_ms()
        reply = _Reply()
        self._waiting[key] = reply
        try:
            await self._send(packet, timeout_ms)
            left = timeout_ms - ticks_diff(ticks_ms(), started)
            await asyncio.wait_for_ms(reply.event.wait(), max(left, 1))
        except asyncio.TimeoutError:
            raise LinkError("link.timeout", "no answer from the broker in %d ms" % timeout_ms)
        finally:
            del self._waiting[key]
        self.check()
        return reply.value

    async def _send(self, packet, timeout_ms):
        self._sent_at = self._passed_at = ticks_ms()
        await self._stream.write(packet, timeout_ms)

    def unheard_ms(self):
        """For how long nothing has come."""
        return ticks_diff(ticks_ms(), self._heard_at)

    def silent_ms(self):
        """For how long nothing has come or gone."""
        return ticks_diff(ticks_ms(), self._passed_at)

    async def _run(self):
        chunk = bytearray(_CHUNK)
        view = memoryview(chunk)
        keep_alive = self._keep_alive
        pinged_at = None
        # Whether it was silent from one ping to the next, which tells something.
        was_whole = False
        self._sent_at = self._passed_at = self._heard_at = ticks_ms()
        try:
            while True:
                now = ticks_ms()
                idle_ms = keep_alive.now_s * 1000
                if pinged_at is None:
                    wait_ms = max(idle_ms - ticks_diff(now, self._sent_at), 1)
                else:
                    wait_ms = max(_PING_REPLY_MS - ticks_diff(now, pinged_at), 1)
                n = await self._stream.read_into(chunk, wait_ms)
                if n:
                    self._passed_at = self._heard_at = ticks_ms()
                    self._note_answer()
                    if pinged_at is not None and was_whole:
                        keep_alive.answered()
                    pinged_at = None
                    self._packets.feed(view[:n])
                    await self._dispatch()
                elif pinged_at is not None:
                    if was_whole:
                        keep_alive.unanswered()
                    self._end(LinkError("link.timeout", "the broker does not answer PINGREQ"))
                    return
                elif ticks_diff(ticks_ms(), self._sent_at) >= idle_ms:
                    was_whole = self.silent_ms() >= idle_ms - _PING_REPLY_MS
                    await self._send(mqtt.PINGREQ, _WRITE_MS)
                    pinged_at = ticks_ms()
        except LinkError as e:
            self._end(e)
        except mqtt.MqttError as e:
            self._end(LinkError("link.protocol", str(e)))
        # The boundary of a task: without a reader nobody pings or sees the link fall.
        except (Exception, asyncio.CancelledError) as e:  # noqa: BLE001
            self._end(LinkError("link.protocol", "the reader died of %r" % e))

    def _note_answer(self):
        """What was said meanwhile went over a link that lives: as good as a ping."""
        said_at, self._said_at = self._said_at, None
        if said_at is not None and ticks_diff(said_at, self._sent_at) > 0:
            self._sent_at = said_at

    async def _dispatch(self):
        while True:
            got = self._packets.next()
            if got is None:
                return
            first, body = got
            packet_type = first >> 4
            if packet_type == mqtt.PUBLISH:
                await self._take(first, body)
            elif packet_type == mqtt.PUBREL:
                await self._send(mqtt.pubcomp(mqtt.read_pubrel(first, body)), _WRITE_MS)
            elif packet_type == mqtt.PUBACK:
                self._reply((packet_type, mqtt.read_puback(first, body)), True)
            elif packet_type == mqtt.SUBACK:
                packet_id, granted = mqtt.read_suback(first, body)
                self._reply((packet_type, packet_id), granted)
            elif packet_type == mqtt.CONNACK:
                self._reply((packet_type, 0), mqtt.read_connack(first, body))
            elif first != 0xD0 or body:
                raise mqtt.MqttError("unexpected packet 0x%02x" % first)
            else:
                self._reply(_PING, True)

    async def _take(self, first, body):
        try:
            topic, payload, packet_id = mqtt.read_publish(first, body)
        except mqtt.MessageError as error:
            if self._on_refused is not None:
                self._on_refused(error)
            ack = error.ack
        else:
            self._on_message(topic, payload)
            ack = None if packet_id is None else mqtt.puback(packet_id)
        if ack is not None:
            await self._send(ack, _WRITE_MS)

    def _reply(self, key, value):
        # An answer that nobody waits for any more came after the caller's timeout.
        reply = self._waiting.get(key)
        if reply:
            reply.give(value)

    def _end(self, error):
        if self.error is None:
            self.error = error
            for reply in self._waiting.values():
                reply.event.set()


class _Reply:
    def __init__(self):
        self.event = asyncio.Event()
        self.value = None

    def give(self, value):
        self.value = value
        self.event.set()


async def sound(mqtt, sock, gate, is_near):
    """True when a ping was answered; LinkError when the session is gone.

    `is_near()`: a button is down, or an alarm is due or may be in a moment.
    """
    unheard_ms = mqtt.unheard_ms()
    if gate.is_pressed() and unheard_ms >= _SOUND_MS and not await sock.sound():
        raise LinkError("link.closed", str(sock.error))
    if unheard_ms < DOUBTED_MS or not is_near():
        return False
    try:
        await mqtt.ping(PUBLISH_DOUBTED_MS)
    except LinkError:
        if is_near():
            raise
        # The touch is over, nothing waits for another session, and slow is not gone.
        await mqtt.ping(PROOF_MS - PUBLISH_DOUBTED_MS)
    return True
