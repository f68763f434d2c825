"""A squeeze while an update is being written becomes a durable alarm in time."""

import hashlib
import json
from typing import Any

import pytest

from badge.core.codec import manifest
from badge.core.codec import usb_protocol as usb
from tests.firmware.tasks.usb.console import DURABLE_WITHIN_MS, answers, asked, run
from tests.sim.lives import said
from tests.worlds import Site

HOLD_MS = 1_500
PRESS_MS = 1_700
BUILD = 1_900_000_000
MPY = 2822
# As many folders and blocks as the application has, in a tenth of its bytes.
FILES = {
    f"badge/{folder}{name}.mpy": bytes([number]) * 700
    for number, folder in enumerate(("", "core/", "drivers/", "link/", "storage/", "tasks/"))
    for name in ("a", "b", "c")
}
EVERY_MS = 60


@pytest.fixture(scope="module")
def keys(site: Site) -> tuple[bytes, str]:
    """The badge's HMAC key, and the nonce that a simulated badge gives first."""
    identity = json.loads((site.provision / "identity.json").read_text())
    first = answers(run(site, [asked(3_000, 1, "hello")], 3_500))
    return bytes.fromhex(identity["hmac_key"]), first[1]["ok"]["nonce"]


def frame(key: bytes, files: dict[str, bytes]) -> bytes:
    entries = [(path, len(data), hashlib.sha256(data).digest()) for path, data in files.items()]
    signed: bytes = manifest.sign(manifest.Manifest("9", BUILD, MPY, entries), key)
    return signed


def transfer(keys: tuple[bytes, str], begin_ms: int) -> tuple[list[dict[str, Any]], int]:
    """The requests of a whole update as typed events, and when the last of them is sent."""
    key, nonce = keys
    requests: list[tuple[str, dict[str, Any]]] = [
        ("authorise", {"mac": usb.proof(usb.service_key(key), nonce)})
    ]
    signed = frame(key, FILES)
    for at in range(0, len(signed), usb.CHUNK_BYTES):
        chunk = signed[at : at + usb.CHUNK_BYTES]
        requests.append(("update.manifest", {"offset": at, "data": usb.to_text(chunk)}))
    requests.append(("update.begin", {}))
    for path, data in FILES.items():
        for at in range(0, len(data), usb.CHUNK_BYTES):
            chunk = data[at : at + usb.CHUNK_BYTES]
            requests.append(
                ("update.data", {"path": path, "offset": at, "data": usb.to_text(chunk)})
            )
    requests.append(("update.commit", {}))
    plan = [asked(3_000, 1, "hello")]
    at_ms = begin_ms
    for number, (verb, fields) in enumerate(requests, 2):
        plan.append(asked(at_ms, number, verb, **fields))
        at_ms += EVERY_MS
    return plan, at_ms


@pytest.mark.requirement("R15")
@pytest.mark.parametrize(
    ("stalls", "press_ms"),
    [
        # An erase takes 45 ms as a rule, 400 ms at worst; the simulator's figure is 100 ms.
        *(({}, press_ms) for press_ms in (4_200, 4_650, 5_100, 5_550, 6_000)),
        *(({"flash_erase": 400}, press_ms) for press_ms in (4_833, 6_521, 7_998, 9_686, 11_374)),
    ],
)
def test_no_moment_of_an_update_swallows_a_squeeze(
    site: Site, keys: tuple[bytes, str], stalls: dict[str, float], press_ms: int
) -> None:
    plan, _end_ms = transfer(keys, 4_000)
    squeeze = {"at_ms": press_ms, "do": "press", "ms": PRESS_MS}
    done = run(site, [*plan, squeeze], press_ms + 5_000, stalls=stalls)
    (durable,) = said(done, "alarm.durable", state="RAISED")
    assert durable.ticks_ms <= press_ms + HOLD_MS + DURABLE_WITHIN_MS
    assert not said(done, "supervisor.crash")
    # It was pressed in the middle, and an update is refused from then on.
    got = answers(done)
    assert any("have" in answer.get("ok", {}) for answer in got.values())
    assert "update.alarm" in [answer.get("error") for answer in got.values()]


def test_the_same_transfer_left_alone_fills_the_slot(site: Site, keys: tuple[bytes, str]) -> None:
    plan, end_ms = transfer(keys, 4_000)
    done = run(site, plan, end_ms + 10_000)
    got = answers(done)
    assert not [answer for answer in got.values() if "error" in answer]
    assert got[len(plan)]["ok"] == {"slot": "a"}
