"""Axivity's own files: what is said when they, or their reader, cannot be used."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own import cwa
from nabij.data.own.recording import read_own
from tests.host.data.own.loggers import write_cwa
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

# 12 blocks of 80 samples behind a header of 1024 bytes.
ACC = walk(960)
BLOCK, HEADER = 512, 1024
# A count is 1/256 g.
STEP_MG = 4.0


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


def logged(folder: Path) -> tuple[bytes, list[bytes]]:
    """The header and the blocks of a file."""
    pytest.importorskip("cwa_reader_rs")
    content = write_cwa(folder / "a.cwa", ACC).read_bytes()
    return content[:HEADER], [
        content[at : at + BLOCK] for at in range(HEADER, len(content), BLOCK)
    ]


@pytest.mark.parametrize("size", [HEADER + 1, 1600, 3000, 7167, HEADER + 11 * BLOCK + 511])
def test_a_file_that_was_cut_gives_its_whole_blocks(tmp_path: Path, size: int) -> None:
    header, blocks = logged(tmp_path)
    file = tmp_path / "a.cwa"
    file.write_bytes((header + b"".join(blocks))[:size])
    whole = (size - HEADER) // BLOCK * 80
    if not whole:
        with pytest.raises(UnusableFileError, match="copy it again from the logger"):
            read_own(file, "a.cwa", Told())
        return
    own = read_own(file, "a.cwa", Told())
    assert rate_of(own) == [100]
    assert np.abs(own.acc_mg - ACC[:whole] * 1000).max() <= STEP_MG
    assert own.notes == ("a.cwa has blocks that are damaged, missing or cut off, left out: 1.",)


@pytest.mark.parametrize("wrong", ["missing", "zeros", "erased", "flipped"])
def test_samples_are_not_stretched_over_a_block_that_is_lost(tmp_path: Path, wrong: str) -> None:
    header, blocks = logged(tmp_path)
    torn = bytearray(blocks[5])
    torn[100] ^= 1
    blocks[5] = {
        "missing": b"",
        "zeros": bytes(BLOCK),
        "erased": b"\xff" * BLOCK,
        "flipped": bytes(torn),
    }[wrong]
    file = tmp_path / "a.cwa"
    file.write_bytes(header + b"".join(blocks))
    own = read_own(file, "a.cwa", Told())
    assert own.t_s is not None
    at = np.rint(own.t_s * 100).astype(int)
    assert at.tolist() == [*range(400), *range(480, 960)]
    assert np.abs(own.acc_mg - ACC[at] * 1000).max() <= STEP_MG
    assert rate_of(own) == [100, 100]
    assert own.notes[0].endswith("left out: 1.")


def test_what_was_never_written_is_no_damage(tmp_path: Path) -> None:
    header, blocks = logged(tmp_path)
    file = tmp_path / "a.cwa"
    file.write_bytes(header + b"".join(blocks) + b"\xff" * 5 * BLOCK)
    assert read_own(file, "a.cwa", Told()).notes == ()


def test_a_file_of_many_holes_is_refused(tmp_path: Path) -> None:
    header, blocks = logged(tmp_path)
    file = tmp_path / "a.cwa"
    file.write_bytes(header + b"".join([*blocks[:1], bytes(BLOCK)] * 30))
    with pytest.raises(UnusableFileError, match=r"damaged or missing: copy it again"):
        read_own(file, "a.cwa", Told())
