"""Requests to the USB console of a badge in virtual time, and its answers."""

import json
from typing import Any

from badge.core.codec import usb_protocol as usb
from nabij.virtual.badge import Run, Scenario, run_fast
from tests.worlds import Site

# From the end of a squeeze.
DURABLE_WITHIN_MS = 250


def typed(at_ms: float, text: str) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "usb", "text": text}


def asked(at_ms: float, number: int, verb: str, **fields: Any) -> dict[str, Any]:
    return typed(at_ms, "?" + json.dumps({"id": number, "do": verb, **fields}))


def run(site: Site, events: list[dict[str, Any]], duration_ms: int, **more: Any) -> Run:
    return run_fast(
        Scenario(duration_ms=duration_ms, provision=site.provision, events=events, **more)
    )


def answers(run: Run) -> dict[int | None, dict[str, Any]]:
    """By the number of the request; what a host that did not read has torn is none."""
    lines = [line[1:] for line in run.console if line.startswith("!")]
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["id"]: one for one in found}


def proof(site: Site) -> str:
    """The `mac` for the nonce that a simulated badge gives at 3 s; its random bytes repeat."""
    nonce = answers(run(site, [asked(3000, 1, "hello")], 3500))[1]["ok"]["nonce"]
    identity = json.loads((site.provision / "identity.json").read_text())
    mac: str = usb.proof(usb.service_key(bytes.fromhex(identity["hmac_key"])), nonce)
    return mac
