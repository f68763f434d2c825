"""The identity: complete and well-formed, or a code and a sentence that says what to do."""

import json
import shutil
from pathlib import Path

import pytest

from nabij.event_lines import parse_event
from nabij.virtual.badge import run_fast
from nabij.virtual.scenario import Scenario
from tests.mp import run_mp
from tests.sim.faults.patches import MAIN
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


def test_every_port_that_there_is_can_be_the_receivers() -> None:
    for port in (1, 65535):
        assert load({**GOOD, "port": port}).startswith(f"b-1 {port} ")
    for port in (0, 65536):
        assert load({**GOOD, "port": port}).startswith("identity.damaged port is not")


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
        ({**GOOD, "host": ""}, "host"),
        ({**GOOD, "apn": None}, "apn"),
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


_BAD_FLASH = """
import json, os
from badge.storage import identity

class File:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *why):
        self.file.close()
    def read(self):
        turn()
        return self.file.read()

class Flash:
    def __init__(self):
        self.kept = os.VfsPosix(os.getcwd())
    def mount(self, readonly, mkfs):
        self.kept.mount(readonly, mkfs)
    def open(self, path, mode):
        turn()
        return File(self.kept.open(path, mode))
    def ilistdir(self, path):
        turn()
        return self.kept.ilistdir(path)

def turn():
    global turns
    turns += 1
    if turns in failing:
        raise OSError(5)

def load(*fails):
    global turns, failing
    turns, failing = 0, fails
    try:
        return identity.load("/flash/").badge
    except identity.IdentityError as error:
        return error.code

for number in (1, 2):
    folder = "identity.%d/" % number
    os.mkdir(folder[:-1])
    for name in ("ca.der", "badge.der", "badge.key.der"):
        with open(folder + name, "wb") as file:
            file.write(name.encode())
    with open(folder + "identity.json", "w") as file:
        json.dump(dict(FIELDS, badge="b-%d" % number), file)
os.mount(Flash(), "/flash")
"""


def bad_flash(body: str) -> list[str]:
    return run_mp(_BAD_FLASH.replace("FIELDS", repr(GOOD)) + body).split()


def test_no_single_read_that_fails_costs_the_identity() -> None:
    """Of the folder, and the opening and the reading of each file: the one in force is loaded."""
    out = bad_flash("""
print(load(), turns)
for n in range(1, turns + 1):
    print(load(n), load(n, n + 1))
""")
    assert out[:2] == ["b-2", "9"]
    assert out[2:] == ["b-2"] * 18


def test_flash_that_cannot_be_read_is_not_taken_for_a_badge_without_identity() -> None:
    assert bad_flash("print(load(*range(1, 100)))") == ["identity.unreadable"]
    assert bad_flash("print(load(*range(2, 100)))") == ["identity.unreadable"]


_FAILS_FOR_20_S = """
from time import ticks_ms
from badge.storage import files
real = NAME
def failing(path):
    if "IN" in path and ticks_ms() < 20_000 and machine.reset_cause() == machine.PWRON_RESET:
        raise OSError(5)
    return real(path)
NAME = failing
"""


@pytest.mark.parametrize(("reading", "path"), [("files.read", "badge.der"), ("files.names", "/")])
def test_a_badge_that_could_not_read_its_identity_can_send_once_flash_works_again(
    tmp_path: Path, reading: str, path: str
) -> None:
    site = make_site(tmp_path / "site")
    main = tmp_path / "main.py"
    main.write_text(
        MAIN.format(patch=_FAILS_FOR_20_S.replace("NAME", reading).replace("IN", path))
    )
    run = run_fast(
        Scenario(duration_ms=60_000, main=main, provision=site.provision, modem=site.modem()),
        folder=tmp_path / "badge",
    )
    told = [(event.what, event.fields) for event in map(parse_event, run.console) if event]
    assert "identity.unreadable" in [
        fields["code"] for what, fields in told if what == "identity.unusable"
    ]
    assert [fields["can_send"] for what, fields in told if what == "armed"] == ["False", "True"]
    assert [fields["why"] for what, fields in told if what == "restart"] == ["identity"]
