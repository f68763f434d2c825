"""Another identity: taken in file by file, checked, put in force whole, and tidied up after."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from badge.storage import identity
from badge.storage.identity import IdentityError
from badge.storage.provisioning import Provisioning

SETTINGS = {"profile": "pna11"}


def files_of(badge: str = "b-1") -> dict[str, bytes]:
    fields = {"badge": badge, "host": "localhost", "port": 8883, "apn": "", "hmac_key": "ab" * 32}
    return {
        "identity.json": json.dumps(fields).encode(),
        "ca.der": b"authority",
        "badge.der": b"certificate of " + badge.encode(),
        "badge.key.der": b"key of " + badge.encode(),
        "config.json": json.dumps(SETTINGS).encode(),
    }


def stage(one: Provisioning, files: dict[str, bytes]) -> dict[str, str]:
    """Send them in pieces; their digests."""
    one.begin()
    for name, data in files.items():
        for at in range(0, len(data), 7):
            one.put(name, at, data[at : at + 7])
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def provision(folder: Path, badge: str) -> None:
    one = Provisioning(f"{folder}/")
    digests = stage(one, files_of(badge))
    assert one.commit(digests).badge == badge


def badge_of(folder: Path) -> str:
    name: str = identity.load(f"{folder}/").badge
    return name


def test_the_newest_identity_is_in_force_and_the_start_after_removes_the_one_before(
    tmp_path: Path,
) -> None:
    for number in range(1, 12):
        provision(tmp_path, f"b-{number}")
        assert badge_of(tmp_path) == f"b-{number}"
    Provisioning(f"{tmp_path}/").settle()
    assert badge_of(tmp_path) == "b-11"
    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == ["identity.11"]


def test_the_first_start_of_an_identity_takes_its_settings_and_nobody_elses_motion(
    tmp_path: Path,
) -> None:
    motion = tmp_path / "motion"
    motion.mkdir()
    (motion / "1-1.nbm").write_bytes(b"of somebody else")
    for name in ("config.safe", "config.json", *identity.FILES[:-1]):
        (tmp_path / name).write_bytes(b"of before")
    provision(tmp_path, "b-1")
    Provisioning(f"{tmp_path}/").settle()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.json", "identity.1"]
    assert json.loads((tmp_path / "config.json").read_text()) == SETTINGS
    # The next start leaves alone what has come since.
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "config.safe").write_text("kept")
    motion.mkdir()
    Provisioning(f"{tmp_path}/").settle()
    assert motion.is_dir()
    assert (tmp_path / "config.json").read_text() == "{}"
    assert (tmp_path / "config.safe").read_text() == "kept"


def test_the_settings_of_the_newest_identity_are_taken(tmp_path: Path) -> None:
    for profile in ("pna11", "discreet"):
        one = Provisioning(f"{tmp_path}/")
        settings = json.dumps({"profile": profile}).encode()
        one.commit(stage(one, files_of() | {"config.json": settings}))
    Provisioning(f"{tmp_path}/").settle()
    assert json.loads((tmp_path / "config.json").read_text()) == {"profile": "discreet"}


def test_a_start_without_any_identity_leaves_the_files_of_a_simulated_badge(
    tmp_path: Path,
) -> None:
    for name, data in files_of().items():
        (tmp_path / name).write_bytes(data)
    stage(Provisioning(f"{tmp_path}/"), files_of("b-2"))
    Provisioning(f"{tmp_path}/").settle()
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(identity.FILES)
    assert badge_of(tmp_path) == "b-1"


def test_an_identity_that_went_bad_leaves_the_one_before_in_force(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        provision(tmp_path, f"b-{number}")
    for number in (2, 3):
        (tmp_path / f"identity.{number}" / "ca.der").unlink()
    Provisioning(f"{tmp_path}/").settle()
    assert badge_of(tmp_path) == "b-1"
    assert json.loads((tmp_path / "config.json").read_text()) == SETTINGS


def code_of(folder: Path, name: str, offset: int, data: bytes) -> str:
    with pytest.raises(IdentityError) as told:
        Provisioning(f"{folder}/").put(name, offset, data)
    code: str = told.value.code
    return code


def test_a_piece_out_of_turn_is_refused_with_where_to_go_on(tmp_path: Path) -> None:
    assert code_of(tmp_path, "ca.der", 0, b"x") == "identity.file"
    one = Provisioning(f"{tmp_path}/")
    one.begin()
    assert code_of(tmp_path, "../ca.der", 0, b"x") == "identity.file"
    assert code_of(tmp_path, "ca.der", 1, b"x") == "identity.offset"
    one.put("ca.der", 0, b"four")
    for offset in (0, 3, 5):
        with pytest.raises(IdentityError, match=r"ca\.der has 4 bytes so far"):
            one.put("ca.der", offset, b"x")
    one.put("ca.der", 4, bytes(4092))
    assert code_of(tmp_path, "ca.der", 4096, b"x") == "identity.offset"
    # Whoever begins anew begins with nothing.
    one.begin()
    one.put("ca.der", 0, b"x")


def test_a_stage_that_is_no_identity_changes_nothing(tmp_path: Path) -> None:
    provision(tmp_path, "b-1")
    one = Provisioning(f"{tmp_path}/")
    good = files_of("b-2")
    bad_settings = good | {"config.json": b'{"profile": "none"}'}
    wrong: list[tuple[str, dict[str, bytes]]] = [
        ("identity.incomplete", {name: good[name] for name in identity.FILES[1:]}),
        ("identity.damaged", good | {"identity.json": b"{}"}),
        ("config.type", good | {"config.json": b"{"}),
        ("config.profile", bad_settings),
    ]
    found = []
    for _, files in wrong:
        digests = stage(one, files)
        with pytest.raises(IdentityError) as told:
            one.commit(digests)
        found.append(told.value.code)
        assert badge_of(tmp_path) == "b-1"
    assert found == [code for code, _ in wrong]
    for name in identity.FILES:
        digests = stage(one, good)
        digests[name] = hashlib.sha256(b"other").hexdigest()
        with pytest.raises(IdentityError, match=f"{name} did not arrive whole"):
            one.commit(digests)
        assert badge_of(tmp_path) == "b-1"
