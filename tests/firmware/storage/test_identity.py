"""The identity: complete and well-formed, or a code and a sentence that says what to do."""

import json
import shutil
from pathlib import Path

import pytest

from nabij.event_lines import parse_event
from nabij.virtual.badge import run_fast
from nabij.virtual.scenario import Scenario
from tests.mp import run_mp
from tests.worlds import make_site

GOOD = {
    "badge": "b-1",
    "host": "localhost",
    "port": 8883,
    "apn": "",
    "hmac_key": "ab" * 32,
}


def load(fields: object, missing: str = "") -> str:
    text = fields if isinstance(fields, str) else json.dumps(fields)
    return run_mp(f"""
from badge.storage import identity
for name in ("ca.der", "badge.der", "badge.key.der"):
    with open(name, "wb") as file:
        file.write(name.encode())
with open("identity.json", "w") as file:
    file.write({text!r})
if {missing!r}:
    import os
    os.remove({missing!r})
try:
    who = identity.load("./")
    print(who.badge, who.port, len(who.hmac_key), who.key_der)
except identity.IdentityError as error:
    print(error.code, error)
""").strip()


def test_a_whole_identity_is_loaded() -> None:
    assert load(GOOD) == "b-1 8883 32 b'badge.key.der'"


@pytest.mark.parametrize("missing", ["identity.json", "ca.der", "badge.der", "badge.key.der"])
def test_a_missing_file_is_named(missing: str) -> None:
    out = load(GOOD, missing)
    assert out.startswith("identity.missing")
    assert missing in out


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ({**GOOD, "badge": ""}, "badge"),
        ({**GOOD, "badge": "nb/0001"}, "badge"),
        ({**GOOD, "host": 7}, "host"),
        ({**GOOD, "port": 70000}, "port"),
        ({**GOOD, "port": True}, "port"),
        ({**GOOD, "hmac_key": "xyz"}, "hmac_key"),
        ({**GOOD, "hmac_key": "abcd"}, "hmac_key"),
        ({name: value for name, value in GOOD.items() if name != "apn"}, "apn"),
    ],
)
def test_damage_is_named_with_what_to_do(fields: object, named: str) -> None:
    out = load(fields)
    assert out.startswith("identity.damaged")
    assert named in out
    assert "provision" in out


def test_a_badge_with_a_foreign_key_is_felt_as_unable_to_send(tmp_path: Path) -> None:
    site, other = make_site(tmp_path / "one"), make_site(tmp_path / "other")
    shutil.copy(other.provision / "badge.key.der", site.provision / "badge.key.der")
    run = run_fast(
        Scenario(duration_ms=4_000, provision=site.provision, modem=site.modem()),
        folder=tmp_path,
    )
    events = {event.what: event.fields for event in map(parse_event, run.console) if event}
    assert "does not belong" in events["identity.unusable"]["why"]
    assert events["armed"]["can_send"] == "False"
    assert events["haptic"]["pattern"] == "NOT_DELIVERED"
