"""The settings on flash survive a file that is lost, empty, cut or changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mp import run_mp

PNA11 = {"profile": "pna11"}


def loaded(folder: Path) -> dict[str, object]:
    """What a start of the badge finds in a folder."""
    out = run_mp(f"""
import json
from badge.storage.config_file import ConfigFile
file = ConfigFile({str(folder) + "/"!r})
config = file.load()
print(json.dumps({{
    "profile": config.profile,
    "damaged": file.is_damaged,
    "faults": [getattr(error, "code", "other") for _, error in file.faults],
    "settings": file.settings(),
}}))
""")
    found: dict[str, object] = json.loads(out.splitlines()[-1])
    return found


def test_a_new_badge_and_one_that_was_provisioned_are_well(tmp_path: Path) -> None:
    assert loaded(tmp_path) == {
        "profile": "discreet",
        "damaged": False,
        "faults": [],
        "settings": {},
    }
    (tmp_path / "config.json").write_text(json.dumps(PNA11))
    for _ in range(2):
        found = loaded(tmp_path)
        assert (found["profile"], found["damaged"], found["faults"]) == ("pna11", False, [])


@pytest.mark.requirement("R12")
@pytest.mark.parametrize(
    "damage",
    [b"", b'{"profile": "pn', b'{"profile": "discreet"}', b"\xff" * 40, None],
    ids=["empty", "half", "changed", "garbage", "lost"],
)
def test_a_damaged_file_is_mended_from_its_copy_and_told(
    tmp_path: Path, damage: bytes | None
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PNA11))
    loaded(tmp_path)
    if damage is None:
        (tmp_path / "config.json").unlink()
    else:
        (tmp_path / "config.json").write_bytes(damage)
    found = loaded(tmp_path)
    assert found["profile"] == "pna11"
    assert found["damaged"] is True
    assert "config.damaged" in found["faults"]  # type: ignore[operator]
    assert json.loads((tmp_path / "config.json").read_text()) == PNA11
    assert loaded(tmp_path)["damaged"] is False


@pytest.mark.parametrize("damage", [b"", b"00000000{}", b"\x00" * 60])
def test_a_damaged_copy_costs_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PNA11))
    loaded(tmp_path)
    (tmp_path / "config.safe").write_bytes(damage)
    assert loaded(tmp_path)["profile"] == "pna11"
    (tmp_path / "config.json").write_bytes(b"")
    assert loaded(tmp_path)["profile"] == "pna11"


def test_without_any_sound_file_the_badge_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{"prof')
    found = loaded(tmp_path)
    assert (found["profile"], found["damaged"]) == ("discreet", True)


@pytest.mark.requirement("R12")
@pytest.mark.parametrize("kept", [None, b"", b'{"prof'])
def test_two_damaged_copies_are_told(tmp_path: Path, kept: bytes | None) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PNA11))
    loaded(tmp_path)
    (tmp_path / "config.safe").write_bytes(b"00000000" + json.dumps(PNA11).encode())
    if kept is None:
        (tmp_path / "config.json").unlink()
    else:
        (tmp_path / "config.json").write_bytes(kept)
    found = loaded(tmp_path)
    assert (found["profile"], found["damaged"]) == ("discreet", True)
    assert "config.damaged" in found["faults"]  # type: ignore[operator]


def started(folder: Path, script: str) -> list[str]:
    """What each `start()` of a script printed: in force, on trial, why dropped, staged."""
    return run_mp(f"""
from badge.storage.config_file import ConfigFile

def start():
    file = ConfigFile({str(folder) + "/"!r})
    print(file.load().profile, file.trial, file.reverted, file.staged())
    return file

{script}
""").splitlines()


def test_settings_on_trial_are_in_force_once_confirmed_and_gone_after_another_start(
    tmp_path: Path,
) -> None:
    out = started(
        tmp_path,
        """
start().stage({"profile": "pna11"}, True)
start()
start().stage({"profile": "pna11"}, True)
start().confirm()
start()
""",
    )
    assert out == [
        "discreet None None False",
        "pna11 {'profile': 'pna11'} None True",
        # Nobody confirmed it.
        "discreet None restart False",
        "pna11 {'profile': 'pna11'} None True",
        "pna11 None None False",
    ]
    assert not (tmp_path / "config.trial").exists()


def test_the_settings_before_the_last_are_in_force_when_those_are_lost(tmp_path: Path) -> None:
    run_mp(f"""
from badge.storage.config_file import ConfigFile

for profile in ("pna11", "discreet"):
    ConfigFile({str(tmp_path) + "/"!r}).stage({{"profile": profile}}, True)
    file = ConfigFile({str(tmp_path) + "/"!r})
    file.load()
    file.confirm()
""")
    assert loaded(tmp_path)["profile"] == "discreet"
    for name in ("config.safe", "config.json"):
        (tmp_path / name).write_bytes(b"lost")
    found = loaded(tmp_path)
    assert (found["profile"], found["damaged"]) == ("pna11", True)


@pytest.mark.parametrize("starts", [0, 1])
def test_settings_that_are_dropped_are_gone_at_the_next_start_which_says_why(
    tmp_path: Path, starts: int
) -> None:
    """Staged, or on trial: `config revert`, and what a trial finds by itself."""
    out = started(
        tmp_path,
        f"""
file = start()
file.stage({{"profile": "pna11"}}, True)
for _ in range({starts}):
    file = start()
file.revert("no link")
start()
file = start()
# With nothing on trial there is nothing to drop.
file.revert("no link")
start()
""",
    )
    dropped, after, later = out[-3:]
    assert dropped == "discreet None no link False"
    assert after == later == "discreet None None False"
