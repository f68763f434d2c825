"""One TCP connection as the server in the simulator sees it: TLS, and the packets of MQTT."""

import binascii
import io
import struct

import tls

from badge.core.codec import mqtt

_CHUNK = 512
_CONNECT, _PUBREC, _PUBCOMP, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 5, 7, 8, 12, 14
_CONNACK = b"\x20\x02"
_POLL = 3
_POLL_RD_WR = 5


class Connection(io.IOBase):
    """Also the stream under its TLS; `remote` is remote.py's, `on_data(data)` the badge's end."""

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

    def is_open(self):
        """Whether neither end has hung up."""
        return self._open

    def hang_up(self, why):
        """The server ends it."""
        if self._open:
            self._hang_up(why)

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


def server_context(options):
    """TLS that takes badges with certificates alone, from the options of sim/options/remote.py."""
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*[binascii.a2b_base64(options[name]) for name in ("cert", "key")])
    context.verify_mode = tls.CERT_REQUIRED
    context.load_verify_locations(binascii.a2b_base64(options["ca"]))
    return context
