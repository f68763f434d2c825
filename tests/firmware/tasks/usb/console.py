"""Requests to the USB console of a badge in virtual time, and its answers."""

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from badge.core.codec import usb_protocol as usb
from nabij.virtual.badge import Run, Scenario, run_fast
from tests.worlds import Site

# From the end of a squeeze.
DURABLE_WITHIN_MS = 250
_HELLO = 9000


def typed(at_ms: float, text: str) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "usb", "text": text}


def asked(at_ms: float, number: int, verb: str, **fields: Any) -> dict[str, Any]:
    return typed(at_ms, "?" + json.dumps({"id": number, "do": verb, **fields}))


def run(site: Site, events: list[dict[str, Any]], duration_ms: int, **more: Any) -> Run:
    return run_fast(
        Scenario(duration_ms=duration_ms, provision=site.provision, events=events, **more)
    )


def keyed(site: Site, scenario: Scenario, *at_ms: float, folder: Path | None = None) -> Scenario:
    """The scenario with the service key shown at these times; its random bytes repeat."""
    hellos = [asked(ms, _HELLO + n, "hello") for n, ms in enumerate(at_ms)]
    plan = [*scenario.events, *hellos]
    with tempfile.TemporaryDirectory() as copy:
        if folder is not None and folder.exists():
            shutil.copytree(folder, copy, dirs_exist_ok=True)
        first = answers(run_fast(replace(scenario, events=plan), folder=Path(copy)))
    for n, ms in enumerate(at_ms):
        mac = _mac(site, first[_HELLO + n]["ok"]["nonce"])
        plan.append(asked(ms + 100, _HELLO + len(at_ms) + n, "authorise", mac=mac))
    return replace(scenario, events=plan)


def run_keyed(
    site: Site, events: list[dict[str, Any]], duration_ms: int, *at_ms: float, **more: Any
) -> Run:
    """As `run`, with the service key shown at these times."""
    bare = Scenario(duration_ms=duration_ms, provision=site.provision, events=events, **more)
    return run_fast(keyed(site, bare, *at_ms))


def answers(run: Run) -> dict[int | None, dict[str, Any]]:
    """By the number of the request; what a host that did not read has torn is none."""
    lines = [line[1:] for line in run.console if line.startswith("!")]
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["id"]: one for one in found}


def proof(site: Site) -> str:
    """The `mac` for the nonce that a simulated badge gives at 3 s; its random bytes repeat."""
    return _mac(site, answers(run(site, [asked(3000, 1, "hello")], 3500))[1]["ok"]["nonce"])


def _mac(site: Site, nonce: str) -> str:
    identity = json.loads((site.provision / "identity.json").read_text())
    mac: str = usb.proof(usb.service_key(bytes.fromhex(identity["hmac_key"])), nonce)
    return mac
