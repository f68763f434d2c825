"""The notices name each work of others, with a licence, and nothing without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.errors import NabijError
from nabij.release import notices


def test_a_receiver_brings_what_it_declares_and_what_that_needs() -> None:
    found = {one.name.lower(): one for one in notices.of_packages(("receiver",))}
    assert {"apprise", "cryptography", "cffi", "starlette", "anyio"} <= found.keys()
    assert "numba" not in found
    assert all(one.licence and one.version for one in found.values())


def test_a_library_in_the_tree_is_named_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "leaflet-1.9.4").mkdir()
    (tmp_path / "leaflet-1.9.4" / "LICENSE").write_text("BSD 2-Clause License\n\nwords\n")
    page = notices.page(notices.of_files(tmp_path))
    assert "leaflet 1.9.4: BSD 2-Clause License\n" in page
    assert "words" in page


def test_a_package_without_a_licence_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, more in (("nabij", "Requires-Dist: odd"), ("odd", "Home-page: x")):
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{more}\n"
        )
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    with pytest.raises(NabijError, match="odd states no licence"):
        notices.of_packages(("",))
