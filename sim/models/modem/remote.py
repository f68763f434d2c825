"""A server inside the simulator: TLS with client certificates, MQTT and the receiver's part.

For fast mode, where a real server would live in another time. Its limits:

* It takes no time to think, and any host name and port reaches it.
* One client id a connection, no will, QoS 2 in poison only.
* Sessions live as long as the simulator, unless a badge opens them clean.
* The "database" is a dictionary, and all badges have one key.
* A deadline that passes is told to nobody.

What it observes of a frame:

* "incident": once for each key that is an alarm, by "deadline" when that has passed;
* "deadline", "withdrawn", "test", "technical": a key that is none;
* "update": a new rev of an incident; "duplicate": what it has; "hello".
"""

import binascii
import io
import struct

import tls

from badge.core.alarm import kinds
from badge.core.codec import mqtt, veil, wire
from sim.models.modem.mobile_network import OPENED, REFUSED, UNANSWERED
from sim.models.modem.session import Carrier, Session
from sim.options.option import filled
from sim.options.remote import OPTIONS

_UTC_S = 1_800_014_400
_CHUNK = 512
_CONNECT, _PUBREC, _PUBCOMP, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 5, 7, 8, 12, 14
_CONNACK = b"\x20\x02"
_POLL = 3
_POLL_RD_WR = 5
# What `poison` of the options does: the first byte of its PUBLISH, topic, payload.
_POISON = {
    "long": (0x32, "down", b"x" * 1100),
    "topic": (0x32, "+/down", b"x"),
    "qos2": (0x34, "down", b"x"),
    "rubbish": (0x32, "down", bytes(range(200))),
    "rude": (0x36, "down", b"x"),
}


class Remote:
    """What `servers` is to the modem: `connect` gives a result code and a connection."""

    def __init__(self, world, options):
        self._world = world
        options = filled(OPTIONS, options, "The modem's 'remote'")
        self._options = options
        self._context = _context(options)
        self._hmac_key = binascii.unhexlify(options["hmac_key"])
        self._ignored = options["ignore_connects"]
        self._refusals = options["refuse_connects"]
        self._deaf_for = options["refuse_subscriptions"]
        self.is_mute = options["mute"]
        self._packets = 0
        self._sessions = {}
        # The last number of a status, of all badges together.
        self._number = 0
        self.entries = {}

    def connect(self, host, port, on_data):
        if self._ignored > 0:
            self._ignored -= 1
            return UNANSWERED, None
        if self._refusals > 0:
            self._refusals -= 1
            return REFUSED, None
        return OPENED, _Connection(self, self._context, on_data)

    def observe(self, what, **facts):
        """One observation of this server."""
        facts["remote"] = what
        self._world.observe(facts)

    def packet_allowed(self):
        """Counts an MQTT packet that arrived; False for the one to drop the connection at."""
        self._packets += 1
        return self._packets != self._options["drop_at_packet"]

    def may_subscribe(self):
        """Counts a subscription that is asked for; False for the first ones that it refuses."""
        self._deaf_for -= 1
        return self._deaf_for < 0

    def heard(self, session):
        """Any packet of a connected badge, a ping too: what keeps its connection open."""
        if session is not None and self._options["observe_frames"]:
            self.observe("heard")

    def session(self, client_id, clean):
        """(session, whether it was there already)"""
        present = client_id in self._sessions and not clean
        if not present:
            poison = _POISON.get(self._options["poison"])
            self._sessions[client_id] = Session(client_id, poison)
            # Once: a session that is opened clean has got rid of it.
            self._options["poison"] = "none"
        return self._sessions[client_id], present

    def take(self, topic, frame, session):
        """The receiver's part: verify, keep once, answer with a receipt."""
        try:
            alarm = wire.decode_up(frame, lambda badge: self._hmac_key)
        except wire.WireError as error:
            self.observe("refused", why=str(error))
            return
        if topic != "nabij/%s/up" % alarm.badge:
            self.observe("refused", why="a frame of badge %s on %s" % (alarm.badge, topic))
            return
        self._judged(alarm, frame, session)

    def carry(self, veiled, answer):
        """What a gateway fetched of a badge; `answer` is called with each status, veiled."""
        try:
            frame = veil.unveil(self._hmac_key, veil.FRAME, veiled)
            alarm = wire.decode_up(frame, lambda badge: self._hmac_key)
        except wire.WireError as error:
            self.observe("refused", why=str(error))
            return
        session = self._sessions[Carrier.client_id] = Carrier(self._world, self._hmac_key, answer)
        self._judged(alarm, frame, session)

    def _judged(self, alarm, frame, session):
        if isinstance(alarm, wire.Hello):
            self._greet(alarm, session)
            return
        if self._options["observe_frames"]:
            self.observe("frame", hex=binascii.hexlify(frame).decode())
        key = (alarm.badge, alarm.boot, alarm.seq)
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = _Entry()
        what = entry.take(alarm)
        self._note(what, alarm, attempt=alarm.attempt, age_ms=alarm.age_ms)
        if what == "deadline":
            self._world.at(
                self._world.now_us + alarm.due_s * 1_000_000,
                lambda rev=entry.rev: self._deadline_passed(entry, alarm, rev),
            )
        self._answer(alarm, entry, session)

    def _greet(self, hello, session):
        """Answer with how each alarm stands, as far as the badge was told of it before."""
        self.observe("hello", badge=hello.badge, count=hello.count, open=len(hello.open))
        for one in hello.open:
            entry = self.entries.get((hello.badge, one.boot, one.seq))
            if entry is not None and entry.number and self._options["receipts"] != "none":
                self._say(hello.badge, one, entry, entry.state, session)

    def _deadline_passed(self, entry, alarm, rev):
        if entry.expires(rev):
            self._note("incident", alarm, by="deadline")

    def _note(self, what, alarm, **facts):
        for name in ("badge", "boot", "seq", "kind"):
            facts[name] = getattr(alarm, name)
        for name in ("flags", "due_s", "rev", "battery_percent", "reason"):
            if getattr(alarm, name):
                facts[name] = getattr(alarm, name)
        if alarm.watch_s is not None:
            facts["watch_s"] = alarm.watch_s
        self.observe(what, **facts)

    def _answer(self, alarm, entry, session):
        receipts = self._options["receipts"]
        if receipts == "none":
            return
        delay_ms = self._options["receipt_delay_ms"]
        statuses = [(wire.STATUS_RECEIVED, delay_ms)]
        if entry.is_incident and not entry.is_withdrawn:
            statuses += [(state, delay_ms + ms) for state, ms in self._options["then"]]
        rev = entry.rev
        for state, after_ms in statuses:
            self._world.at(
                self._world.now_us + int(after_ms * 1000),
                lambda state=state: self._move_on(alarm, entry, (rev, state), session),
            )

    def _move_on(self, alarm, entry, standing, session):
        rev, state = standing
        if entry.is_news(rev, state):
            self._number += 1
            entry.tell(rev, state, self._number)
        self._say(alarm.badge, alarm, entry, state, session)

    def _say(self, badge, key, entry, state, session):
        receipts = self._options["receipts"]
        topic = "nabij/%s/down" % badge
        utc_s = _UTC_S + self._world.now_us // 1_000_000
        hmac_key = b"not the key" if receipts == "wrong_hmac" else self._hmac_key
        whose = "somebody-else" if receipts == "other_badge" else badge
        rev, number = entry.told_rev or None, entry.number
        offset = self._options["offset_quarters"]
        frame = wire.encode_status(
            hmac_key,
            whose,
            key.boot,
            key.seq,
            state,
            utc_s,
            rev=rev,
            number=number,
            offset_quarters=offset,
            permit=self._options["permit"],
        )
        # The client may have begun a clean session since its message.
        self._sessions[session.client_id].publish(topic, frame)


class _Entry:
    """What the receiver has of one key; `rev` is None as long as the badge sends none."""

    def __init__(self):
        self.rev = None
        # What its badge was last told: rev and state, under which number.
        self.told_rev = 0
        self.state = wire.STATUS_NONE
        self.number = 0
        self.is_known = False
        self.is_incident = False
        self.is_withdrawn = False

    def take(self, alarm):
        """Commit what is new in this frame; what to call it."""
        if self.is_known and (alarm.rev or 1) <= (self.rev or 1):
            return "duplicate"
        self.is_known = True
        self.rev = alarm.rev
        if self.is_incident:
            return "update"
        if alarm.flags & wire.FLAG_CANCELLED:
            self.is_withdrawn = True
            return "withdrawn"
        if alarm.due_s is not None:
            return "deadline"
        if alarm.flags & wire.FLAG_TEST:
            return "test"
        if kinds.of(alarm.kind).category == kinds.TECHNICAL:
            return "technical"
        self.is_incident = True
        return "incident"

    def expires(self, rev):
        """The deadline of this `rev` has passed; True when that makes an incident."""
        if self.rev != rev or self.is_incident:
            return False
        self.is_incident = True
        return True

    def is_news(self, rev, state):
        """Whether the badge was not told so much yet."""
        return (rev or 0, state) > (self.told_rev, self.state)

    def tell(self, rev, state, number):
        """The badge is told this, under a number that only rises."""
        self.told_rev, self.state, self.number = rev or 0, max(state, self.state), number


class _Connection(io.IOBase):
    """One TCP connection as the server sees it; also the stream under its TLS."""

    def __init__(self, remote, context, on_data):
        self._remote = remote
        self._on_data = on_data
        self._inbox = b""
        self._packets = mqtt.PacketReader()
        self._session = None
        self._open = True
        self._tls = context.wrap_socket(self, server_side=True, do_handshake_on_connect=False)

    def send(self, data):
        """Bytes from the badge."""
        if self._open and not self._remote.is_mute:
            self._inbox += data
            self._pump()

    def close(self):
        """The badge hung up."""
        self._open = False
        if self._session is not None:
            self._session.hang_up(self)

    def readinto(self, buf):
        n = min(len(buf), len(self._inbox))
        if not n:
            return None
        memoryview(buf)[:n] = self._inbox[:n]
        self._inbox = self._inbox[n:]
        return n

    def write(self, buf):
        self._on_data(bytes(buf))
        return len(buf)

    def ioctl(self, request, arg):
        return arg & _POLL_RD_WR if request == _POLL else 0

    def reply(self, packet):
        """One MQTT packet to the badge."""
        if self._open:
            self._tls.write(packet)

    def _pump(self):
        chunk = bytearray(_CHUNK)
        try:
            while self._open:
                n = self._tls.readinto(chunk)
                if n is None:
                    return
                if n == 0:
                    self._hang_up("the badge ended TLS")
                    return
                self._packets.feed(memoryview(chunk)[:n])
                self._take_packets()
        except OSError as error:
            self._hang_up("TLS: %s" % error)
        except (mqtt.MqttError, IndexError) as error:
            self._hang_up("MQTT: %s" % error)

    def _take_packets(self):
        while self._open:
            packet = self._packets.next()
            if packet is None:
                return
            if not self._remote.packet_allowed():
                self._hang_up("drop_at_packet")
                return
            self._remote.heard(self._session)
            self._take(packet[0], packet[1])

    def _take(self, first, body):
        packet_type = first >> 4
        if packet_type == _CONNECT:
            self._connect(body)
        elif self._session is None:
            raise mqtt.MqttError("a packet before CONNECT")
        elif packet_type == mqtt.PUBLISH:
            topic, payload, packet_id = mqtt.read_publish(first, body)
            if packet_id is not None:
                self.reply(mqtt.puback(packet_id))
            self._remote.take(topic, payload, self._session)
        elif packet_type == mqtt.PUBACK:
            self._session.acknowledged(mqtt.read_puback(first, body))
        elif packet_type == _SUBSCRIBE:
            packet_id, length = struct.unpack(">HH", body[:4])
            granted = self._remote.may_subscribe()
            if granted:
                topic = str(body[4 : 4 + length], "utf-8")
                self._session.topics[topic] = body[4 + length]
            code = body[4 + length] if granted else 0x80
            self.reply(mqtt.packet(0x90, struct.pack(">HB", packet_id, code)))
            self._session.infect()
        elif packet_type == _PUBREC:
            self.reply(b"\x62\x02" + body)
        elif packet_type == _PUBCOMP:
            self._session.acknowledged((body[0] << 8) | body[1])
        elif packet_type == _PINGREQ:
            self.reply(b"\xd0\x00")
        elif packet_type == _DISCONNECT:
            self._hang_up("the badge said goodbye")

    def _connect(self, body):
        if body[:7] != b"\x00\x04MQTT\x04":
            raise mqtt.MqttError("CONNECT")
        clean = bool(body[7] & 2)
        length = (body[10] << 8) | body[11]
        client_id = str(body[12 : 12 + length], "utf-8")
        self._session, present = self._remote.session(client_id, clean)
        self._remote.observe("connected", client=client_id, session_present=present)
        self.reply(_CONNACK + bytes((present, 0)))
        self._session.resume(self)

    def _hang_up(self, why):
        self._remote.observe("hung_up", why=why)
        self.close()
        self._on_data(b"")


def _context(options):
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*[binascii.a2b_base64(options[name]) for name in ("cert", "key")])
    context.verify_mode = tls.CERT_REQUIRED
    context.load_verify_locations(binascii.a2b_base64(options["ca"]))
    return context
