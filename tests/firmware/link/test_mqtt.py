"""The MQTT client against a broker that does what a test tells it to, byte by byte."""

import pytest

from tests.mp import run_mp

HEAD = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_diff, ticks_ms
from badge.core.codec import mqtt
from badge.core.keep_alive import KeepAlive
from badge.link.mqtt import MqttClient
from badge.link.tls import LinkError
class Broker:
    "The stream under the client: `writes` is what it wrote, say() what the broker answers."
    def __init__(self, answers=(b"\\x20\\x02\\x00\\x00",)):
        self.writes = []
        self.answers = list(answers)
        self.inbox = b""
        self.news = asyncio.Event()
        self.closed = 0
        self.piece = 1000
        self.dead = False
    def say(self, data):
        self.inbox += data
        self.news.set()
    async def read_into(self, buf, timeout_ms):
        if not self.inbox:
            self.news.clear()
            try:
                await asyncio.wait_for_ms(self.news.wait(), timeout_ms)
            except asyncio.TimeoutError:
                return 0
        if self.dead:
            raise LinkError("link.closed", "dead")
        n = min(len(buf), len(self.inbox), self.piece)
        buf[:n] = self.inbox[:n]
        self.inbox = self.inbox[n:]
        return n
    async def write(self, data, timeout_ms):
        if self.dead:
            raise LinkError("link.closed", "dead")
        self.writes.append(bytes(data))
        if self.answers:
            self.say(self.answers.pop(0))
    def die(self):
        self.dead = True
        self.say(b"")
    async def close(self):
        self.closed += 1
async def ended(link):
    while link.error is None:
        await asyncio.sleep_ms(10)
    return link.error
got = []
def keep(*message):
    got.append(message)
def client(broker, keepalive_s=60, on_message=keep, most_s=0):
    return MqttClient(broker, "badge-1", KeepAlive(keepalive_s, most_s), on_message)
async def fails(awaitable):
    started = ticks_ms()
    try:
        await awaitable
    except LinkError as error:
        print(error.code, ticks_diff(ticks_ms(), started))
    else:
        print("no error")
"""


def run(body: str) -> list[str]:
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return run_mp(f"{HEAD}\nasync def main():\n{indented}\nasyncio.run(main())").splitlines()


def test_each_packet_is_one_write_and_a_publish_returns_at_its_puback() -> None:
    out = run("""
broker = Broker([b"\\x20\\x02\\x00\\x00", b"\\x90\\x03\\xff\\xff\\x00", b"\\x40\\x02\\x00\\x07"])
link = client(broker)
await link.connect(1000)
print(await link.subscribe("nabij/badge-1/down", 1000))
await link.publish("nabij/badge-1/up", b"alarm", 7, 1000)
await link.publish_once("nabij/badge-1/up", b"hello")
for write in broker.writes: print(write[0], len(write) == write[1] + 2)
await link.close()
print(broker.writes[-1], broker.closed)
""")
    assert out == ["True", "16 True", "130 True", "50 True", "48 True", r"b'\xe0\x00' 1"]


def test_a_repeat_has_the_dup_flag() -> None:
    out = run("""
broker = Broker([b"\\x20\\x02\\x00\\x00", b"", b"\\x40\\x02\\x00\\x07"])
link = client(broker)
await link.connect(1000)
await fails(link.publish("t", b"x", 7, 500))
await link.publish("t", b"x", 7, 500, dup=True)
print(broker.writes[1][0] | 8 == broker.writes[2][0], broker.writes[1][1:] == broker.writes[2][1:])
""")
    assert out == ["link.timeout 500", "True True"]


def test_what_is_published_once_and_answered_is_as_good_as_a_ping() -> None:
    """Each packet keeps the radio connected for many seconds more."""
    out = run("""
broker = Broker([b"\\x20\\x02\\x00\\x00"] + [b"\\x30\\x04\\x00\\x01dx"] * 4)
link = client(broker, keepalive_s=60)
await link.connect(1000)
for _ in range(4):
    await asyncio.sleep_ms(40_000)
    await link.publish_once("t", b"hello")
print([write[0] for write in broker.writes], link.error)
broker.answers.append(b"\\xd0\\x00")
await asyncio.sleep_ms(55_000)
print(broker.writes[-1][0])
await asyncio.sleep_ms(6_000)
print(broker.writes[-1][0])
""")
    assert out == ["[16, 48, 48, 48, 48] None", "48", "192"]


def test_what_is_published_once_keeps_an_alarm_waiting_for_seconds_at_most() -> None:
    out = run("""
broker = Broker()
link = client(broker)
await link.connect(1000)
async def stuck(data, timeout_ms):
    await asyncio.sleep_ms(timeout_ms)
    raise LinkError("link.timeout", "stands still")
broker.write = stuck
await fails(link.publish_once("t", b"hello"))
""")
    assert out == ["link.timeout 3000"]


def test_what_is_published_once_puts_off_no_ping() -> None:
    """Nobody answers it, so a dead link would go unnoticed for as long as an alarm is open."""
    out = run("""
broker = Broker()
link = client(broker, keepalive_s=60)
await link.connect(1000)
started = ticks_ms()
async def greet():
    while True:
        await link.publish_once("t", b"hello")
        await asyncio.sleep_ms(30_000)
task = asyncio.create_task(greet())
print((await ended(link)).code, ticks_diff(ticks_ms(), started) < 80_000)
task.cancel()
""")
    assert out == ["link.timeout True"]


def test_refusals_are_told() -> None:
    out = run("""
await fails(client(Broker([b"\\x20\\x02\\x00\\x05"])).connect(1000))
await fails(client(Broker([b"\\x20\\x02\\x01\\x00"])).connect(1000))
broker = Broker([b"\\x20\\x02\\x00\\x00", b"\\x90\\x03\\xff\\xff\\x80"])
link = client(broker)
await link.connect(1000)
print(await link.subscribe("t", 1000), link.error)
""")
    assert out == ["link.refused 0", "link.protocol 0", "False None"]


def test_the_will_and_the_clean_flag_go_into_connect() -> None:
    out = run("""
broker = Broker()
await client(broker).connect(1000, will=("w", b"gone"))
print(broker.writes[0][9] == 2 | 4 | 8, broker.writes[0].endswith(b"\\0\\1w\\0\\4gone"))
""")
    assert out == ["True True"]


def test_messages_are_acknowledged_after_they_were_taken() -> None:
    out = run("""
broker = Broker()
seen = []
def take(topic, data):
    seen.append(len(broker.writes))
    got.append((topic, data))
link = client(broker, on_message=take)
await link.connect(1000)
broker.piece = 1
broker.say(mqtt.publish("down", b"receipt", 300))
broker.say(b"\\x30\\x06\\x00\\x03one0")
await asyncio.sleep_ms(10)
print(got)
print(seen[0] == 1, broker.writes[1:] == [mqtt.puback(300)])
""")
    assert out == ["[('down', b'receipt'), ('one', b'0')]", "True True"]


def test_answers_may_come_in_any_order_late_or_twice() -> None:
    out = run("""
broker = Broker()
link = client(broker)
await link.connect(1000)
tasks = [asyncio.create_task(link.publish("t", b"x", n, 1000)) for n in (1, 2)]
await asyncio.sleep_ms(10)
await fails(link.publish("t", b"x", 2, 1000))
broker.say(mqtt.puback(2) + mqtt.puback(9) + mqtt.puback(2))
await asyncio.sleep_ms(10)
print([task.done() for task in tasks])
broker.say(mqtt.puback(1))
for task in tasks: await task
link.check()
""")
    assert out == ["link.protocol 0", "[False, True]"]


def test_a_silent_link_is_pinged_and_a_dead_one_is_given_up() -> None:
    out = run("""
broker = Broker([b"\\x20\\x02\\x00\\x00", b"\\xd0\\x00"])
link = client(broker, keepalive_s=60)
started = ticks_ms()
await link.connect(1000)
print((await ended(link)).code)
print(broker.writes[1:] == [mqtt.PINGREQ] * 2, ticks_diff(ticks_ms(), started) // 100 * 100)
await fails(link.publish("t", b"x", 1, 1000))
""")
    assert out == ["link.timeout", "True 135000", "link.timeout 0"]


def test_the_end_of_the_stream_ends_every_wait_at_once() -> None:
    out = run("""
broker = Broker()
link = client(broker)
await link.connect(1000)
tasks = [asyncio.create_task(fails(link.publish("t", b"x", n, 9000))) for n in (1, 2)]
await asyncio.sleep_ms(50)
broker.die()
for task in tasks: await task
await fails(link.subscribe("t", 1000))
try:
    link.check()
except LinkError as error:
    print(error.code)
await link.close()
print(broker.closed)
""")
    assert out == ["link.closed 50"] * 2 + ["link.closed 0", "link.closed", "1"]


def test_what_is_refused_is_said_acknowledged_and_dropped() -> None:
    out = run("""
refused = []
broker = Broker()
def refuse(error):
    refused.append(str(error))
link = MqttClient(broker, "badge-1", KeepAlive(60, 60), keep, refuse)
await link.connect(1000)
broker.say(mqtt.packet(0x34, b"\\0\\1t\\0\\7x") + b"\\x62\\x02\\0\\7")
broker.say(mqtt.packet(0x32, b"\\0\\1+\\0\\x08x") + mqtt.packet(0x30, b"\\0\\1#x"))
broker.say(mqtt.publish("down", b"x" * 60_000, 9) + mqtt.publish("down", b"receipt", 10))
await asyncio.sleep_ms(100)
print(len(refused), [(topic, len(payload)) for topic, payload in got])
acks = [mqtt.puback(n) for n in (8, 9, 10)]
print(broker.writes[1:] == [mqtt.pubrec(7), mqtt.pubcomp(7)] + acks)
link.check()
""")
    assert out == ["3 [('down', 1016), ('down', 7)]", "True"]


def test_whatever_breaks_the_protocol_ends_the_link() -> None:
    out = run("""
for rubbish in (b"\\x20\\x02\\x02\\x00", b"\\x36\\x05\\0\\1t\\0\\1", b"\\xff\\xff\\xff\\xff\\xff",
                b"\\x30\\x81\\x80\\x04", b"\\x10\\x00", b"\\xd0\\x01\\x00",
                b"HTTP/1.0 400 Bad" * 9):
    broker = Broker()
    link = client(broker)
    await link.connect(1000)
    broker.say(rubbish)
    print((await ended(link)).code)
    await link.close()
""")
    assert out == ["link.protocol"] * 7


def test_no_answer_to_connect_is_a_timeout() -> None:
    out = run("""
link = client(Broker([]))
await fails(link.connect(1500))
await link.close()
""")
    assert out == ["link.timeout 1500"]


@pytest.mark.parametrize(
    "error", ['MemoryError("no memory for a receipt")', "asyncio.CancelledError()"]
)
def test_a_reader_that_dies_of_anything_ends_the_link(error: str) -> None:
    out = run(f"""
def full(topic, payload):
    raise {error}
broker = Broker()
link = MqttClient(broker, "badge-1", KeepAlive(60, 60), full)
await link.connect(1000)
broker.say(mqtt.publish("d", b"x", 1))
await asyncio.sleep_ms(100)
print(link.error and link.error.code)
""")
    assert out == ["link.protocol"]
