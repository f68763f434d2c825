"""Files that a person names: replaced as a whole, or written to where they are no files."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nabij.errors import NabijError
from nabij.paths import check_output, write_output


def test_a_file_is_replaced_as_a_whole_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.html", tmp_path / "link.html"
    real.write_bytes(b"a longer text")
    link.symlink_to(real)
    write_output(link, b"short")
    assert link.is_symlink()
    assert real.read_bytes() == b"short"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.html", "real.html"]


def test_what_is_no_regular_file_is_written_to_and_stays(tmp_path: Path) -> None:
    write_output(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    write_output(pipe, b"through a pipe")
    reader.join(timeout=10)
    assert heard == [b"through a pipe"]
    assert pipe.is_fifo()


def test_a_dash_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_output(Path("-"), b"page")
    assert capfdbinary.readouterr().out == b"page"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(NabijError, match=r"There is no folder .*reprots for a\.html"):
        write_output(tmp_path / "reprots" / "a.html", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_is_full_is_told() -> None:
    with pytest.raises(NabijError, match="No space left on device"):
        write_output(Path("/dev/full"), b"x" * 100_000)


def test_a_file_for_which_there_is_no_room_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    (tmp_path / "page.html").write_bytes(b"the old one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(NabijError, match=r"Cannot write .*page\.html"):
            write_output(tmp_path / "page.html", b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"the old one"]


def test_a_name_is_checked_before_what_takes_long(tmp_path: Path) -> None:
    for name in (None, Path("-"), Path("/dev/null"), tmp_path / "page.html"):
        check_output(name)
    with pytest.raises(NabijError, match=r"There is no folder .*gone for a\.html"):
        check_output(tmp_path / "gone" / "a.html")
    with pytest.raises(NabijError, match="is a folder: name a file"):
        check_output(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "a.html")
    with pytest.raises(NabijError, match="There is no folder"):
        check_output(tmp_path / "link")
    assert list(tmp_path.iterdir()) == [tmp_path / "link"]


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "link"])
def test_standard_output_by_its_name_is_written_into_a_pipe(tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    script = (
        "import sys; from pathlib import Path; from nabij import paths\n"
        "place = Path(sys.argv[1]); paths.check_output(place); paths.write_output(place, b'page')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, name], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"page", b"")
    assert (tmp_path / "link").is_symlink()
