"""TLS costs what the chip would need, however its bytes are cut up."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.virtual.badge import Scenario, run_fast
from tests.sim.stub import answers
from tests.worlds import make_site

_BENCH = """
import json
from sim.modules.ssl import HandshakeMeter
def message(kind, size):
    return bytes([kind]) + size.to_bytes(3, "big") + bytes(size)
def record(kind, body):
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body
def count(stream, slice_bytes, costly=(11, 12)):
    meter = HandshakeMeter(costly)
    fed = [meter.feed(stream[i:i + slice_bytes]) for i in range(0, len(stream), slice_bytes)]
    return [sum(column) for column in zip(*fed)]
def signed(bytes_lacking):
    length = 72 - bytes_lacking
    signature = bytes(2) + length.to_bytes(2, "big") + bytes(length)
    key = b"\\x03\\x00\\x17\\x41" + bytes(65)
    one, other = (message(12, len(key + signature)), key), (message(15, len(signature)), b"")
    return b"".join(record(22, head[:4] + key + signature) for head, key in (one, other))
hello, certificate = message(2, 70), message(11, 900)
key_exchange, done = message(12, 140), message(14, 0)
"""


@pytest.mark.parametrize("slice_bytes", [1, 4, 5, 7, 64, 5000])
def test_costly_messages_are_counted_in_any_slicing(slice_bytes: int) -> None:
    found = answers(
        _BENCH
        + f"""
one_each = b"".join(record(22, m) for m in (hello, certificate, key_exchange, done))
together = record(22, hello + certificate + key_exchange + done)
whole = hello + certificate + key_exchange + done
split = record(22, whole[:500]) + record(22, whole[500:])
print(json.dumps([count(s, {slice_bytes}) for s in (one_each, together, split)]))
"""
    )
    assert [steps for steps, _ in found] == [2, 2, 2]


def test_after_change_cipher_spec_bytes_are_secret_and_free() -> None:
    found = answers(
        _BENCH
        + """
stream = record(22, certificate) + record(20, b"\\x01") + record(22, certificate)
print(json.dumps(count(stream, 100)))
"""
    )
    assert found == [1, 0]


@pytest.mark.parametrize("slice_bytes", [1, 5, 5000])
def test_what_a_signature_lacks_of_its_longest_form_is_told(slice_bytes: int) -> None:
    found = answers(
        _BENCH
        + f"print(json.dumps([count(signed(n), {slice_bytes}, (12, 15)) for n in range(4)]))"
    )
    assert found == [[2, 2 * lacking] for lacking in range(4)]


@pytest.mark.parametrize("accepted", [None, 0, 3, 40, 500])
def test_bytes_that_a_slow_stream_refuses_are_charged_once(accepted: int | None) -> None:
    found = answers(
        _BENCH
        + f"""
from sim.modules import ssl
from sim.world import current
class World:
    stalls = 0
    def stall(self, name):
        self.stalls += 1
    def busy_us(self, us):
        pass
class Slow:
    refusals = 3
    def write(self, buf):
        if self.refusals:
            self.refusals -= 1
            return {accepted!r}
        return len(buf)
current.world = World()
stream = ssl.Metered(Slow())
left = record(22, message(16, 66)) + record(22, message(15, 76)) + bytes(500)
while left:
    left = left[stream.write(left) or 0:]
print(json.dumps(current.world.stalls))
"""
    )
    assert found == 2


def test_a_connection_costs_four_public_key_steps(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    run = run_fast(Scenario(duration_ms=30_000, provision=site.provision, modem=site.modem()))
    up = next(i for i, line in enumerate(run.lines) if " link.up " in line.text)
    steps = [
        line.fact
        for line in run.lines[:up]
        if line.fact is not None and line.fact.get("stall") == "tls_public_key_step"
    ]
    assert [step["ms"] for step in steps] == [150] * 4
