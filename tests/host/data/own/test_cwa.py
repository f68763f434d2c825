"""Axivity's own files: what is said when they, or their reader, cannot be used."""

import sys
from pathlib import Path

import pytest

from nabij.data.common import UnusableFileError
from nabij.data.own import cwa


def test_without_the_reader_a_sentence_names_the_extra_and_the_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cwa_reader_rs", None)
    with pytest.raises(UnusableFileError, match=r"nabij\[qa\].* export it as CSV"):
        cwa.read(tmp_path / "a.cwa", "a.cwa")


def test_a_file_that_is_none_is_said_by_its_name(tmp_path: Path) -> None:
    pytest.importorskip("cwa_reader_rs")
    path = tmp_path / "a.cwa"
    path.write_bytes(b"no such thing" * 100)
    with pytest.raises(UnusableFileError, match=r"a\.cwa"):
        cwa.read(path, "a.cwa")
    with pytest.raises(UnusableFileError, match=r"a\.cwa"):
        cwa.read(tmp_path / "gone.cwa", "a.cwa")
