"""What MicroPython scripts about the modem start with."""

from tests.mp import run_mp

HEAD = """
import json
from tests.sim.mp_modem_rig import Echo, Link, Rig
def boot(**options):
    global rig, asyncio, AtError, ModemError, ModemSocket, LinkError, ticks_ms, ticks_diff
    servers = options.pop("servers", Echo)
    output = options.pop("output", None)
    rig = Rig(options, servers=servers, output=output)
    import asyncio
    from time import ticks_diff, ticks_ms
    from badge.drivers.modem.at import AtError, ModemError
    from badge.drivers.modem.modem_socket import ModemSocket
    from badge.link.tls import LinkError
async def ready():
    "AtChannel of a modem that is on, registered and has its bearer."
    at = rig.channel()
    modem = rig.modem(at)
    await modem.power_on()
    await modem.wait_registered(60_000)
    await modem.pdp_up()
    return at
async def read(sock, count, timeout_ms=60_000):
    data, chunk, started = b"", bytearray(512), ticks_ms()
    while len(data) < count and ticks_diff(ticks_ms(), started) < timeout_ms:
        n = sock.readinto(chunk)
        if n is None:
            await sock.wait_readable(timeout_ms)
        elif n == 0:
            break
        else:
            data += chunk[:n]
    return data
async def write(sock, data):
    while data:
        n = sock.write(data)
        assert n is None or n > 0, n
        data = data[n or 0 :]
        if n is None:
            assert await sock.drain(60_000)
"""


def run(body: str, head: str = HEAD) -> list[str]:
    return run_mp(head + body).splitlines()
