"""The modem's driver and socket on the modem's model: time, loss, refusals, death and return."""

import pytest

from tests.sim.modem_scripts import run


def test_power_key_registration_and_bearer_take_their_time() -> None:
    out = run("""
boot(boot_ms=2500, register_ms=4000, rtt_ms=300, time_utc="26/01/15,12:00:00+00")
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    print(await at.answers(500))
    started = ticks_ms()
    await modem.power_on()
    print(1500 + 2500 <= ticks_diff(ticks_ms(), started) < 6500)
    print(await modem.network_time(), await modem.signal())
    print(await modem.wait_registered(20_000), ticks_diff(ticks_ms(), started) >= 8000)
    print(await modem.pdp_up())
    print(await modem.network_time(), await modem.signal())
    started = ticks_ms()
    await modem.power_on()
    print(ticks_diff(ticks_ms(), started) < 30)
    rig.model.control("power_loss", {})
    commands = rig.model.commands
    await modem.power_on()
    print(rig.model.commands - commands > 8)
asyncio.run(main())
""")
    assert out == [
        "False",
        "True",
        "None None",
        "1 True",
        "10.96.7.21",
        "1768478400 (-87, 4256, 172776966)",
        "True",
        "True",
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("registration=3", "modem.denied: the network refuses this SIM: it does not say why"),
        (
            "registration=3, reject_cause=15, ceer='EMM failed'",
            "modem.denied: the network refuses this SIM: cause 15, last report EMM failed",
        ),
        ("register_ms=99_000", "modem.searching: not registered: not searching, signal 22"),
        (
            "no_coverage_ms=[[0, 99_000]]",
            "modem.no_network: not registered: no signal is detected",
        ),
        ("sim='SIM PIN'", "modem.sim: the SIM is not ready (SIM PIN)"),
        ("sim='SIM PUK'", "modem.sim: the SIM is not ready (SIM PUK)"),
        ("sim=''", "modem.sim: the SIM is not ready (none)"),
    ],
)
def test_a_network_that_does_not_let_us_in_is_told(options: str, code: str) -> None:
    out = run(f"""
boot({options})
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    try:
        await modem.wait_registered(30_000)
    except ModemError as error:
        print(error)
asyncio.run(main())
""")
    assert out == [code]


def test_a_search_for_a_network_is_looked_at_now_and_then() -> None:
    out = run("""
boot(register_ms=61_000)
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    before = rig.model.commands
    print(await modem.wait_registered(90_000), rig.model.commands - before < 20)
asyncio.run(main())
""")
    assert out == ["1 True"]


def test_a_modem_that_is_not_there_is_told_and_a_deaf_one_is_brought_back() -> None:
    out = run("""
boot()
async def main():
    at = rig.channel()
    key = []
    from badge.drivers.modem.sim7080 import Sim7080
    try:
        await Sim7080(at, key.append, "apn").power_on()
    except ModemError as error:
        print(error.code, key)
    modem = rig.modem(at)
    await modem.power_on()
    rig.model.control("hang", {})
    await modem.power_cycle()
    print(await modem.wait_registered(20_000))
    await modem.power_off()
    print(await at.answers(1000))
asyncio.run(main())
""")
    assert out == ["modem.dead [1, 0, 1, 0, 1, 0]", "1", "False"]


def test_registration_lines_of_both_forms_and_clock_lines_are_read() -> None:
    out = run("""
boot()
from badge.drivers.modem.lines import stat_from_cereg, utc_from_cclk
for tail in (b'4,1,"10A0","0A4C",7', b'5,"10A0","0A4C",7', b"2", b"4,2", b"", b"x,y"):
    print(stat_from_cereg(b"+CEREG: " + tail))
for text in (b"24/02/29,23:50:00+04", b"26/12/31,23:59:59-08", b"26/01/15,12:00:00+56",
             b"26/01/15,12:00:00+57", b"26/01/15,12:00:00-99", b"80/01/06,00:00:09+00",
             b"26/02/30,00:00:00+00", b"26/01/01,00:00:00", b"junk", b"26/13/01,00:00:00+00"):
    print(utc_from_cclk(b'+CCLK: "%s"' % text))
""")
    assert out[:6] == ["1", "5", "2", "2", "None", "None"]
    # 2024-02-29T22:50:00Z and 2027-01-01T01:59:59Z
    assert out[6:8] == ["1709247000", "1798768799"]
    # The furthest zone there is; what is further is no zone.
    assert out[8] == "1768428000"
    assert out[9:] == ["None"] * 7


def test_opening_takes_a_round_trip_and_refusals_have_a_code() -> None:
    out = run("""
class Shut:
    def __init__(self, world):
        pass
    def connect(self, host, port, on_data):
        return 23, None
boot(rtt_ms=400)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    started = ticks_ms()
    await sock.open("echo", 7, 20_000)
    print(400 <= ticks_diff(ticks_ms(), started) < 480)
    rig.servers = Shut(None)
    try:
        await sock.open("echo", 7, 20_000)
    except ModemError as error:
        print(error.code, "23" in str(error))
    print(rig.model.sockets.close(0))
asyncio.run(main())
""")
    assert out == ["True", "modem.open True", "False"]


def test_bytes_arrive_whole_and_in_order_over_a_lossy_link() -> None:
    out = run("""
boot(rtt_ms=200, loss=0.15, seed=7)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    sent = bytes((i * 7 + i // 251) & 255 for i in range(20_000))
    writer = asyncio.create_task(write(sock, sent))
    got = await read(sock, len(sent), 200_000)
    await writer
    print(got == sent, sock.sent_bytes, sock.received_bytes)
    await sock.aclose()
    await asyncio.sleep_ms(5000)
    print(rig.servers.connections[0].closed)
asyncio.run(main())
""")
    assert out == ["True 20000 20000", "True"]


def test_what_came_before_the_far_end_closed_is_still_read() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    far = rig.servers.connections[0]
    far.on_data(b"last words" * 400)
    far.on_data(b"")
    data = await read(sock, 5000)
    print(data == b"last words" * 400, sock.readinto(bytearray(5)), sock.write(b"x"), sock.error)
asyncio.run(main())
""")
    assert out == ["True 0 -32 None"]


def test_a_lost_indication_costs_seconds_not_the_connection() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    rig.model.line.lose_bytes(4 + 6 + 1, 18)
    started = ticks_ms()
    sock.write(b"hello")
    print(await read(sock, 5), 3000 <= ticks_diff(ticks_ms(), started) < 3500)
asyncio.run(main())
""")
    assert out == ["b'hello' True"]


@pytest.mark.parametrize("blow", ["lose_power()", 'control("hang_up", {})'])
def test_a_connection_that_dies_ends_the_waits_and_can_be_opened_again(blow: str) -> None:
    out = run(f"""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    rig.model.{blow}
    sock.write(b"hello")
    print(await sock.wait_readable(60_000), sock.readinto(bytearray(5)))
    await sock.aclose()
    at_modem = rig.modem(at)
    await at_modem.power_on()
    await at_modem.wait_registered(60_000)
    await at_modem.pdp_up()
    await sock.open("echo", 7, 20_000)
    sock.write(b"again")
    print(await read(sock, 5))
asyncio.run(main())
""")
    assert out == ["True 0", "b'again'"]


def test_a_gap_in_coverage_delays_and_does_not_lose() -> None:
    out = run("""
boot(rtt_ms=100, no_coverage_ms=[[20_000, 50_000]])
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    await asyncio.sleep_ms(21_000 - rig.world.now_us // 1000)
    sock.write(b"hello")
    print(await read(sock, 5), 50_000 <= rig.world.now_us // 1000 < 54_000)
asyncio.run(main())
""")
    assert out == ["b'hello' True"]


def test_a_socket_holds_a_bounded_amount() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    rig.servers.connections[0].on_data(bytes(50_000))
    taken = 0
    while sock.write(b"x" * 100):
        taken += 100
    await asyncio.sleep_ms(5000)
    print(taken <= 2100, sock.received_bytes <= 2048)
    print((await read(sock, 50_000))[:50_000] == bytes(50_000))
asyncio.run(main())
""")
    assert out == ["True True", "True"]


def test_the_simulator_dials_this_machine_only() -> None:
    out = run(
        """
from sim.models.modem.mobile_network import FAILED, LiveServers
class Listening:
    def observe(self, facts):
        print(facts["host"])
print(LiveServers(Listening()).connect("192.0.2.1", 80, None) == (FAILED, None))
print(LiveServers(Listening()).connect("example.org", 80, None) == (FAILED, None))
""",
        head="",
    )
    assert out == ["192.0.2.1", "True", "example.org", "True"]


@pytest.mark.parametrize("answer", ["+CNACT: 0,", "+CNACT: 0,1", "+CNACT: 0,1,\\xff\\xfe"])
def test_a_bearer_answer_cut_or_spoiled_anywhere_is_an_at_error_or_an_address(answer: str) -> None:
    out = run(f"""
boot(register_ms=100)
async def main():
    at = await ready()
    modem = rig.modem(at)
    async def answers(text, timeout_ms, expect=None):
        return [b"{answer}"]
    at.command = answers
    try:
        print("address", bool(await modem.pdp_up()))
    except AtError as error:
        print(error.code)
asyncio.run(main())
""")
    assert out in (["at.garbage"], ["address True"])


def test_a_line_that_is_no_text_does_not_end_the_reader() -> None:
    out = run("""
boot(register_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    rig.model.line.send(b"\\r\\n+APP PDP: \\xff\\xfe\\r\\n")
    await asyncio.sleep_ms(200)
    print(rig.reader.done(), sock.error.code)
asyncio.run(main())
""")
    assert out == ["False modem.lost"]


def test_lines_between_data_and_ok_take_nothing_from_the_data() -> None:
    out = run("""
boot(rtt_ms=100)
from sim.options.modem import UNASKED
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    say = rig.model.line.say
    def spoken(line):
        say(line)
        if line.startswith(b"+CARECV: 5"):
            for text in UNASKED:
                say(text.encode())
    rig.model.line.say = spoken
    before = at.garbage
    for _ in range(3):
        sock.write(b"hello")
        print(await read(sock, 5), sock.error)
    # Counted, all but the one that has a listener.
    print(at.garbage - before == 3 * (len(UNASKED) - 1))
asyncio.run(main())
""")
    assert out == ["b'hello' None"] * 3 + ["True"]


def test_only_our_own_bearer_and_a_modem_that_goes_end_a_connection() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    for text in (b"+APP PDP: 1,DEACTIVE", b"+APP PDP: 2,ACTIVE", b"+APP PDP:0,ACTIVE",
                 b"+APP PDP: 0, ACTIVE", b"UNDER-VOLTAGE WARNNING", b"+APP PDP: 0,DEACTIVE",
                 b"PSM POWER DOWN", b"UNDER-VOLTAGE POWER DOWN", b"OVER-VOLTAGE POWER DOWN",
                 b"\\x00\\x00RDY", b"\\xffRDY"):
        sock = ModemSocket(at)
        await sock.open("echo", 7, 20_000)
        rig.model.line.say(text)
        await asyncio.sleep_ms(200)
        print(sock.error.code if sock.error else "open")
        await sock.aclose()
asyncio.run(main())
""")
    assert out == ["open"] * 5 + ["modem.lost"] * 6


@pytest.mark.parametrize(("hollow", "answer"), [(1, "10.96.7.21"), (99, "modem.no_bearer")])
def test_a_bearer_without_an_address_is_no_bearer(hollow: int, answer: str) -> None:
    out = run(f"""
boot(rtt_ms=100, hollow_bearers={hollow})
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    await modem.wait_registered(60_000)
    started = ticks_ms()
    try:
        print(await modem.pdp_up())
    except ModemError as error:
        print(error.code)
    print(ticks_diff(ticks_ms(), started) < 30_000)
asyncio.run(main())
""")
    assert out == [answer, "True"]


def test_no_prompt_for_two_seconds_is_no_modem() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    rig.model.lose_power()
    started = ticks_ms()
    sock.write(b"hello")
    await sock.wait_readable(60_000)
    print(sock.error.code, ticks_diff(ticks_ms(), started) < 2200, sock.is_bearer_lost())
    await sock.aclose()
    print(ticks_diff(ticks_ms(), started) < 2200)
asyncio.run(main())
""")
    assert out == ["at.timeout True True", "True"]
