"""Targets of one decoder each, under CPython and MicroPython: what it refuses it refuses by name.

What is under no key of ours is never taken, and what was sent soundly is understood after it.
"""

from binascii import hexlify, unhexlify

from badge.core.codec import (
    advertised,
    beacon,
    carried,
    cbor,
    dns,
    motion_piece,
    mqtt,
    nmea,
    order,
    place,
    sms_pdu,
    sms_text,
    tags,
    usb_protocol,
    veil,
    wire,
)
from badge.core.codec.cbor import WireError
from badge.core.codec.hmac import hmac_sha256
from tests.fuzz.mp_draw import Draw, drawn, require, spoiled

KEY, OTHER = b"k" * 32, b"o" * 32
BADGE = "nb-0001"
_NONCE = b"\x01\x02\x03\x04"
_CALL = beacon.call_of(70_000, 300, 2, 1)
ALARM = wire.encode_alarm(
    KEY,
    BADGE,
    3,
    7,
    2,
    1500,
    rev=2,
    utc_s=1_800_000_000,
    peak_mg=4200,
    tilt_deg=80,
    battery_percent=71,
    position=place.Position(520_000_000, -48_000_000, 12, 300, 1),
    cell=place.Cell(204, 8, 4256, 172_776_966, -87),
    tag=place.Tag(b"\x01\x02\x03\x04\x05\x06\x07\x08", -61),
    speed_cm_s=140,
    zone=3,
)
HELLO = wire.encode_hello(
    KEY,
    wire.Hello(
        BADGE,
        3,
        9,
        "1.2.3",
        300,
        71,
        (wire.Standing(3, 7, 2, 1, 4),),
        place.Position(520_000_000, -48_000_000, 12, 300, 1),
        place.Cell(204, 8, 4256, 172_776_966, -87),
        3,
    ),
)
STATUS = wire.encode_status(
    KEY, BADGE, 3, 7, wire.STATUS_TAKEN, 1_800_000_000, rev=2, number=4, offset_quarters=52
)
ORDER = order.encode(
    KEY, wire.TYPE_ORDER, order.Order(BADGE, 3, 1, "config.set", b'{"profile":"pna11"}', b"")
)
PIECE = motion_piece.encode_piece(
    KEY, motion_piece.Piece(BADGE, 3, 7, 120, 600, bytes(range(120)))
)
KEPT = motion_piece.encode_kept(KEY, motion_piece.Kept(BADGE, 3, 7, 240, motion_piece.GO_ON))
ANSWER = order.encode(KEY, order.TYPE_ANSWER, order.Answer(BADGE, 3, 1, "", b'{"ok":true}', 1))
BROUGHT = carried.encode_brought(KEY, carried.Brought(BADGE, 9, bytes(60)))
_TOKENS = [bytes((head,)) for head in (0x00, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x20, 0x3A, 0x40, 0x58)]
_TOKENS += [bytes((head,)) for head in (0x5F, 0x60, 0x78, 0x80, 0x82, 0x9F, 0xA0, 0xA1, 0xBF)]
_TOKENS += [bytes((head,)) for head in (0xC0, 0xF4, 0xF5, 0xF6, 0xF7, 0xF9, 0xFA, 0xFB, 0xFF)]
_TOKENS += [b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", b"\x9a\xff\xff\xff\xff", b"\x81" * 200]


def sealed(seed, samples, domain):
    """A frame that is spoiled; every other one has its MAC renewed, so that it is read further."""
    frame = b"".join(drawn(seed, samples, _TOKENS))
    if seed & 1:
        draw = Draw(seed)
        payload, _mac = cbor.decode(draw.one(samples))
        payload = spoiled(draw, payload, _TOKENS)
        frame = cbor.encode([payload, hmac_sha256(KEY, domain + payload)[:16]])
    return [frame]


def _taken(decode, frame):
    """What the decoder makes of it, or None when it refuses it by name."""
    try:
        return decode(frame)
    except WireError as error:
        require(error.code[:5] == "wire.", error)
        return None


class Frames:
    """One decoder of frames: `decode(frame)`, the samples, and the domain of their MACs."""

    def __init__(self, decode, samples, domain):
        self._decode = decode
        self._samples = samples
        self._domain = domain

    def make(self, seed):
        """The pieces of a seed."""
        return sealed(seed, self._samples, self._domain)

    def run(self, pieces):
        """Decodes it, and a sound frame after it."""
        for piece in pieces:
            if _taken(self._decode, piece) is not None:
                payload, mac = cbor.decode(piece)
                assert mac == hmac_sha256(KEY, self._domain + payload)[:16], "taken without a MAC"
            wire.type_of(piece)
        for sample in self._samples:
            assert _taken(self._decode, sample) is not None, "a sound frame was refused"


up = Frames(lambda frame: wire.decode_up(frame, {BADGE: KEY}.get), (ALARM, HELLO), b"nabij/up/1")
down = Frames(lambda frame: wire.decode_status(frame, KEY, BADGE), (STATUS,), b"nabij/down/1")
motion = Frames(
    lambda frame: motion_piece.decode_piece(frame, {BADGE: KEY}.get), (PIECE,), b"nabij/motion/1"
)
kept = Frames(lambda frame: motion_piece.decode_kept(frame, KEY, BADGE), (KEPT,), b"nabij/kept/1")
orders = Frames(
    lambda frame: order.decode(KEY, wire.TYPE_ORDER, frame), (ORDER,), b"nabij/order/1"
)
answers = Frames(
    lambda frame: order.decode(KEY, order.TYPE_ANSWER, frame), (ANSWER,), b"nabij/answer/1"
)
brought = Frames(lambda frame: carried.decode_brought(KEY, frame), (BROUGHT,), b"nabij/brought/1")


class Beacons:
    """What lies in the air as a beacon, and what is fetched, written and carried, veiled."""

    samples = (
        beacon.encode(KEY, _NONCE, _CALL),
        veil.veil(KEY, veil.FRAME, _NONCE, ALARM),
        veil.veil(KEY, veil.STATUS, _NONCE, STATUS),
    )

    def make(self, seed):
        """The pieces of a seed."""
        return [b"".join(drawn(seed, self.samples + (beacon.encode(OTHER, _NONCE, _CALL),)))]  # noqa: RUF005

    def run(self, pieces):
        """Whatever is said, only what the key has made is taken, and that after it too."""
        call, frame, status = self.samples
        for piece in pieces:
            beacon.is_ours(piece)
            assert _taken(self._call, piece) is None or piece == call, "a beacon was forged"
            for what, sound in ((veil.FRAME, frame), (veil.STATUS, status)):
                got = _taken(lambda one, what=what: veil.unveil(KEY, what, one), piece)
                assert got is None or piece == sound, "a veil was forged"
        assert self._call(call) == _CALL
        assert veil.unveil(KEY, veil.FRAME, frame) == ALARM

    @staticmethod
    def _call(data):
        return beacon.decode(KEY, data)


class Air:
    """What anybody advertises: a tag, a badge that calls, or nothing; never an exception."""

    call = beacon.advertisement(KEY, _NONCE, _CALL)
    tag = b"\x02\x01\x06\x1a\xff\x4c\x00\x02\x15" + bytes(range(20)) + b"\xc5"
    samples = (
        call,
        tag,
        b"\x02\x01\x06\x03\x03\xaa\xfe\x15\x16\xaa\xfe\x00\xe7" + bytes(range(16)),
        b"\x0c\xff\xff\xff\x1c" + bytes(range(8)),
    )

    def make(self, seed):
        """The pieces of a seed."""
        words = (b"\x16", b"\xff", b"\x4c\x00", b"\xaa\xfe", b"\x00")
        return [b"".join(drawn(seed, self.samples, words))]

    def run(self, pieces):
        """Read, and the sound ones after it."""
        for piece in pieces:
            found = tags.decode(piece)
            assert found is None or len(tags.id_of(*found)) == 8
            call = advertised.beacon_in(piece)
            assert call is None or beacon.is_ours(call)
        assert tags.decode(self.tag) == (tags.IBEACON, bytes(range(20)))
        assert self._call() == _CALL

    def _call(self):
        return beacon.decode(KEY, advertised.beacon_in(self.call))


class Cable:
    """Lines on the cable: a request, or an error that can be said; the next one is understood."""

    samples = (
        b'?{"id":7,"do":"log.read","name":"a.txt","at":0,"data":"aGVsbG8="}\n',
        b'?{"id":1,"do":"hello"}\r\n',
        b'!{"id":1,"ok":{}}\n',
    )
    words = (
        b'{|}|[|]|"|:|,|?|!|\\u0000|\\|\n|\r|\x03|\x04|null|true|-1|1e999|1.5|"id":|"do":"x"'
        b'|"data":"===="|"data":"\xc3\xa9"|"data":7|"id":99999999999999999999'
    ).split(b"|")

    def make(self, seed):
        """The pieces of a seed."""
        return drawn(seed, self.samples, self.words)

    def run(self, pieces):
        """Each line is passed over, understood, or refused by a sentence that fits a line."""
        lines = usb_protocol.LineBuffer()
        for byte in b"".join(pieces) + b"\n":
            self._push(lines, byte)
        heard = [self._push(lines, byte) for byte in self.samples[0]]
        assert (heard[-1] or {}).get("id") == 7, "a sound request was not heard"

    def _push(self, lines, byte):
        request = None
        try:
            line = lines.push(byte)
            request = None if line is None else usb_protocol.parse_request(line)
            if request is not None:
                usb_protocol.field(request, "name", str, "")
                usb_protocol.field(request, "at", int, 0)
                usb_protocol.piece(request)
        except usb_protocol.UsbError as error:
            require(len(usb_protocol.make_error(error, 1)) <= usb_protocol.LINE_MAX, error)
        return request


class Names:
    """What answers a question for an address."""

    question = dns.query(513, "receiver.example")
    answer = (
        question[:2]
        + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        + question[12:]
        + b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
    )

    def make(self, seed):
        """The pieces of a seed."""
        return [b"".join(drawn(seed, (self.answer,), (b"\xc0\x0c", b"\xc0\xff", b"\x3f", b"\0")))]

    def run(self, pieces):
        """An address, none, or somebody else's answer."""
        for piece in pieces:
            got = dns.address(513, piece)
            assert got is None or not got or dns.is_address(got), got
        assert dns.address(513, self.answer) == "192.0.2.1"


class Packets:
    """MQTT packets cut from a stream, and read."""

    samples = (
        mqtt.publish("nabij/nb-0001/down", STATUS, 5),
        mqtt.publish_once("d", b"x"),
        b"\x20\x02\x00\x00\x90\x03\xff\xff\x00\xd0\x00\x40\x02\x00\x07",
    )

    def make(self, seed):
        """The pieces of a seed."""
        return drawn(seed, self.samples, (b"\x32", b"\xff\xff\xff\x7f", b"\x00\x01+", b"\x62\x02"))

    def run(self, pieces):
        """Cut as they come or all at once they are the same packets, none above the limit."""
        assert self._read(pieces) == self._read([b"".join(pieces)]), "how it is cut matters"

    @staticmethod
    def _read(pieces):
        reader, found = mqtt.PacketReader(256, 1024), []
        try:
            for piece in pieces:
                reader.feed(piece)
                packet = reader.next()
                while packet is not None:
                    assert len(packet[1]) <= 256
                    found.append(packet)
                    packet = reader.next()
        except mqtt.MqttError as error:
            found.append(str(error))
        return found


class Messages:
    """What the modem keeps of a text message, in hexadecimal digits: a text, or none by name."""

    text = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
    octets = "00040B911346610089F60004208062917314080448692031"
    wide = "00040B911346610089F60008208062917314080400480069"

    def make(self, seed):
        """The pieces of a seed: bytes that become digits, or are taken for them."""
        samples = [unhexlify(one) for one in (self.text, self.octets, self.wide)]
        return [b"".join(drawn(seed, samples, (b"\x00", b"\x04", b"\x40", b"\xf0", b"\xff")))]

    def run(self, pieces):
        """Letters, digits, spaces and question marks, at most as many as octets and an eighth."""
        for piece in pieces:
            for pdu in (hexlify(piece), piece):
                found = _taken(sms_pdu.decode, pdu)
                assert found is None or len(found) <= 2 * len(pdu)
                assert found is None or all(ord(char) < 128 for char in found)
        assert sms_pdu.decode(self.text) == "How are you?"
        assert sms_pdu.decode(self.octets) == "Hi 1"


class Texts:
    """Text messages: of one frame there is one text, and a stranger's is refused by name."""

    samples = (sms_text.encode(ALARM[:98]).encode(), sms_text.encode(STATUS[:98]).lower().encode())
    words = b"N1 |n1 |=|8|0|1| |\r\n|\xc3\xbf|\xc4\xb1|\xc5\xbf|\xff|\x00".split(b"|")

    def make(self, seed):
        """The pieces of a seed."""
        return [b"".join(drawn(seed, self.samples, self.words))]

    def run(self, pieces):
        """What is taken is written the same way again."""
        for piece in pieces:
            try:
                text = str(piece, "utf-8")
            except UnicodeError:
                text = "".join([chr(byte) for byte in piece])
            frame = _taken(sms_text.decode, text)
            assert frame is None or sms_text.encode(frame) == text.strip().upper(), text
        assert sms_text.decode(str(self.samples[0], "utf-8")) == ALARM[:98]


class Satellites:
    """What a satellite receiver says: the place that it told, or none, however it is cut."""

    rmc = b"$GNRMC,120530.00,A,5222.21296,N,00453.71008,E,1.944,12.5,150127,,,A*7E\r\n"
    gga = b"$GNGGA,120530.00,5222.21296,N,00453.71008,E,1,11,1.20,3.1,M,46.0,M,,*41\r\n"
    later = rmc.replace(b"530", b"531").replace(b"7E", b"7F")
    later += gga.replace(b"530", b"531").replace(b"*41", b"*40")
    samples = (rmc + gga, gga, rmc, b"$GLGSV,1,1,02,70,41,060,31,79,24,302,*68\r\n")
    words = (b"$", b"*", b",", b"\r\n", b"\n", b"$GNGGA,", b"$GPRMC,", b"A", b"V", b"99.99", b"-1")
    place = (523_702_160, 48_951_680)

    def make(self, seed):
        """The pieces of a seed."""
        return drawn(seed, self.samples, self.words)

    def run(self, pieces):
        """No place that a checksum of eight bits does not vouch for twice; then it is heard."""
        one, other = nmea.Nmea(), nmea.Nmea()
        found = None
        for piece in pieces:
            found = one.hear(piece) or found
        assert other.hear(b"".join(pieces)) == found, "how it is cut matters"
        # What is spoilt so that the checksum holds is spoilt alike in both, to 0.2 m.
        assert found is None or abs(found.lat_e7 - self.place[0]) <= 20, found
        assert found is None or abs(found.lon_e7 - self.place[1]) <= 20, found
        for reader in (one, other):
            fix = reader.hear(b"\r\n" + self.later)
            assert fix[:3] == self.place + (6,), fix  # noqa: RUF005  MicroPython


air, beacons, cable = Air(), Beacons(), Cable()
satellites = Satellites()
messages, names, packets, texts = Messages(), Names(), Packets(), Texts()
