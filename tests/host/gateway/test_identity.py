"""The folder of a gateway: taken as `nabij enrol --gateway` wrote it, else told in a sentence."""

from pathlib import Path

import pytest

from nabij.centre.register.enrol import enrol
from nabij.errors import NabijError, UsageError
from nabij.gateway import identity


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


def test_it_knows_its_name_key_and_receiver(state: Path) -> None:
    folder = enrol(state, "hall", host="localhost", port=8884, gateway=True)
    who = identity.load(folder)
    assert (who.name, who.host, who.port) == ("gw_hall", "localhost", 8884)
    assert len(who.key) == 32
    assert who.client_id.startswith("gw_hall-")


def test_the_folder_of_a_badge_is_refused(state: Path) -> None:
    folder = enrol(state, "badge-9")
    with pytest.raises(UsageError, match="of badge badge-9"):
        identity.load(folder)


def test_a_name_that_would_be_too_long_is_refused(state: Path) -> None:
    with pytest.raises(UsageError, match="at most 29"):
        enrol(state, "x" * 30, gateway=True)


def test_no_folder_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        identity.load(tmp_path / "gone")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("identity.json", None),
        ("identity.json", b"{}"),
        ("identity.json", b"[1]"),
        ("identity.json", b'{"badge": "gw_a", "hmac_key": "zz", "host": "h", "port": 1}'),
        ("badge.der", b"no certificate"),
        ("badge.key.der", b"no key"),
        ("badge.key.der", None),
        ("ca.der", b""),
    ],
)
def test_a_folder_that_is_damaged_is_told_in_a_sentence(
    state: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    good = enrol(state, "attic", gateway=True, force=True)
    for file in good.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(NabijError, match="enrol NAME --gateway --force"):
        identity.load(tmp_path)
