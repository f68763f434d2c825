"""MQTT packets: what goes in comes out, however the stream is cut, and rubbish is refused."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import mqtt

topics = st.text(
    st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=40
)
packet_ids = st.integers(1, 0xFFFF)
payloads = st.binary(max_size=300)


def all_of(reader: mqtt.PacketReader) -> list[tuple[int, bytes]]:
    return list(iter(reader.next, None))


@given(topics, payloads, packet_ids, st.booleans())
def test_publish_survives_the_wire(topic, payload, packet_id, dup):
    reader = mqtt.PacketReader()
    reader.feed(mqtt.publish(topic, payload, packet_id, dup=dup))
    ((first, body),) = all_of(reader)
    assert bool(first & 8) == dup
    assert mqtt.read_publish(first, body) == (topic, payload, packet_id)


@given(st.lists(st.tuples(topics, payloads, packet_ids), max_size=6), st.data())
def test_any_way_of_cutting_the_stream_gives_the_same_packets(messages, data):
    stream = b"".join(mqtt.publish(*message) for message in messages) + mqtt.PINGREQ
    reader, got = mqtt.PacketReader(), []
    while stream:
        size = data.draw(st.integers(1, min(len(stream), 200)))
        reader.feed(stream[:size])
        got += all_of(reader)
        stream = stream[size:]
    assert [mqtt.read_publish(*packet) for packet in got[:-1]] == messages
    assert got[-1] == (0xC0, b"")


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_rubbish_is_refused_or_cut_into_bounded_packets(chunks):
    reader = mqtt.PacketReader(limit=100)
    with contextlib.suppress(mqtt.MqttError):
        for chunk in chunks:
            reader.feed(chunk)
            for first, body in all_of(reader):
                assert 0 <= first <= 255
                assert len(body) <= 100


@given(st.integers(0, 255), st.binary(max_size=30))
def test_readers_raise_nothing_but_mqtt_errors(first, body):
    for read in (mqtt.read_connack, mqtt.read_publish, mqtt.read_puback, mqtt.read_suback):
        with contextlib.suppress(mqtt.MqttError):
            read(first, body)


def test_a_packet_too_long_is_refused_before_its_body_comes():
    reader = mqtt.PacketReader(limit=1000)
    reader.feed(b"\x30\xe9\x07")
    with pytest.raises(mqtt.MqttError, match="1001 bytes"):
        reader.next()


@given(st.lists(st.integers(0, 300), max_size=6), st.data())
def test_a_message_above_the_limit_is_cut_and_what_follows_it_is_whole(sizes, data):
    messages = [("down", b"m" * size, n + 1) for n, size in enumerate(sizes)]
    stream = b"".join(mqtt.publish(*message) for message in messages) + mqtt.PINGREQ
    reader, got = mqtt.PacketReader(limit=100, longest=400), []
    while stream:
        size = data.draw(st.integers(1, min(len(stream), 200)))
        reader.feed(stream[:size])
        got += all_of(reader)
        stream = stream[size:]
    cut = [(topic, payload[: 100 - 8], number) for topic, payload, number in messages]
    assert [mqtt.read_publish(*packet) for packet in got[:-1]] == cut
    assert got[-1] == (0xC0, b"")


def test_only_a_message_may_be_cut_and_not_any():
    for head in (b"\x30\x91\x03", b"\x90\x65"):
        reader = mqtt.PacketReader(limit=100, longest=400)
        reader.feed(head)
        with pytest.raises(mqtt.MqttError, match="packet of"):
            reader.next()


@pytest.mark.parametrize("packet", [(0x32, b"\0\1+\0\7"), (0x34, b"\0\1t\0\7")])
def test_a_whole_message_that_nobody_can_take_can_be_acknowledged(packet):
    with pytest.raises(mqtt.MessageError) as caught:
        mqtt.read_publish(*packet)
    assert caught.value.ack == bytes((0x40 if packet[0] == 0x32 else 0x50, 2, 0, 7))


def test_a_length_of_four_bytes_is_read():
    reader = mqtt.PacketReader(limit=100, longest=1 << 22)
    reader.feed(b"\x30\x80\x80\x80\x01" + b"m" * 200)
    assert reader.next() is None
    reader.feed(b"m" * (0x200000 - 200) + mqtt.PINGREQ)
    assert [reader.next(), reader.next()] == [(0x30, b"m" * 100), (0xC0, b"")]


def test_a_length_of_five_bytes_is_refused():
    reader = mqtt.PacketReader()
    reader.feed(b"\x30\x80\x80\x80\x80")
    with pytest.raises(mqtt.MqttError, match="length"):
        reader.next()


def test_connect_is_what_the_specification_says():
    """MQTT 3.1.1, 3.1: protocol name, level 4, flags, keep-alive, client id, will."""
    assert mqtt.connect("badge-7", 60, False) == (
        b"\x10\x13\x00\x04MQTT\x04\x00\x00\x3c\x00\x07badge-7"
    )
    assert mqtt.connect("b", 10, True, ("t", b"gone")) == (
        b"\x10\x16\x00\x04MQTT\x04\x0e\x00\x0a\x00\x01b\x00\x01t\x00\x04gone"
    )


def test_subscribe_asks_for_qos_0_or_what_it_is_told():
    """MQTT 3.1.1, 3.8: fixed header 0x82, packet id, filter, requested QoS."""
    assert mqtt.subscribe(0xFFFF, "a/b") == b"\x82\x08\xff\xff\x00\x03a/b\x00"
    assert mqtt.subscribe(0xFFFF, "a/b", 1) == b"\x82\x08\xff\xff\x00\x03a/b\x01"


@given(topics, payloads)
def test_what_is_published_once_has_no_packet_id(topic, payload):
    reader = mqtt.PacketReader()
    reader.feed(mqtt.publish_once(topic, payload))
    assert mqtt.read_publish(*reader.next()) == (topic, payload, None)


@given(packet_ids)
def test_puback_survives_the_wire(packet_id):
    reader = mqtt.PacketReader()
    reader.feed(mqtt.puback(packet_id))
    assert mqtt.read_puback(*reader.next()) == packet_id


@given(packet_ids)
def test_a_message_of_qos_2_is_released_and_done_with_under_its_id(packet_id):
    body = struct.pack(">H", packet_id)
    assert mqtt.read_pubrel(0x62, body) == packet_id
    assert mqtt.pubcomp(packet_id) == b"\x70\x02" + body
    assert mqtt.pubrec(packet_id) == b"\x50\x02" + body


@pytest.mark.parametrize("first", [0x60, 0x61, 0x63, 0x42])
def test_a_release_with_other_flags_is_none(first):
    with pytest.raises(mqtt.MqttError):
        mqtt.read_pubrel(first, b"\0\1")


@pytest.mark.parametrize("body", [b"", b"\1", b"\0\1\0"])
def test_a_release_of_another_length_is_none(body):
    with pytest.raises(mqtt.MqttError):
        mqtt.read_pubrel(0x62, body)


@pytest.mark.parametrize(
    ("body", "meaning"), [(b"\0\0", (False, 0)), (b"\1\0", (True, 0)), (b"\0\5", (False, 5))]
)
def test_connack_tells_session_and_refusal(body, meaning):
    assert mqtt.read_connack(0x20, body) == meaning


@pytest.mark.parametrize(
    "packet",
    [
        (0x20, b"\2\0"),
        (0x20, b"\1\5"),
        (0x34, b"\0\1t\0\1"),
        (0x36, b"\0\1t\0\1"),
        (0x32, b"\0\1t\0\0"),
        (0x32, b"\0\1t\0"),
        (0x30, b"\0\0"),
        (0x30, b"\0\2\xff\xfe"),
        (0x30, b"\0\3a/#"),
        (0x30, b"\xff\xfft"),
        (0x41, b"\0\1"),
        (0x90, b"\0\1\3"),
    ],
    ids=lambda packet: struct.pack(">B", packet[0]).hex() + packet[1].hex(),
)
def test_a_packet_that_breaks_the_specification_is_refused(packet):
    readers = {
        2: mqtt.read_connack,
        3: mqtt.read_publish,
        4: mqtt.read_puback,
        9: mqtt.read_suback,
    }
    with pytest.raises(mqtt.MqttError):
        readers[packet[0] >> 4](*packet)
