"""Small files and the room for them."""

from pathlib import Path

from tests.mp import run_mp


def test_a_file_system_that_says_more_is_free_than_there_is_has_none() -> None:
    """As littlefs does nearly full: 17179869092 kB of 1024 kB, seen on a virtual badge."""
    out = run_mp("""
from badge.storage import files

class Os:
    def __init__(self, free):
        self._free = free
    def statvfs(self, path):
        assert path == "/"
        return (4096, 4096, 256, self._free, self._free, 0, 0, 0, 0, 255)

for free in (256, 3, 0, 4294967291):
    files.os = Os(free)
    print(*files.room("/"))
""")
    assert out.splitlines() == ["4096 256 256", "4096 256 3", "4096 256 0", "4096 256 0"]


def test_only_a_file_that_is_not_there_reads_as_none(tmp_path: Path) -> None:
    """Flash that fails is another thing: what it held may still be there."""
    (tmp_path / "file").write_bytes(b"kept")
    out = run_mp(f"""
from badge.storage import files

folder = {str(tmp_path)!r}
print(files.read(folder + "/file"), files.read(folder + "/none"))
print(files.names(folder), files.names(folder + "/none"))
print(files.is_folder(folder), files.is_folder(folder + "/file"), files.is_folder(folder + "/x"))
files.remove(folder + "/none")

def fails(*_):
    raise OSError(5)

class Os:
    listdir = remove = staticmethod(fails)

files.open, files.os = fails, Os
for verb in (files.read, files.names, files.remove):
    try:
        print(verb(folder + "/file"))
    except OSError as error:
        print(error.errno)
""")
    assert out.splitlines() == [
        "b'kept' None",
        "['file'] []",
        "True False False",
        *["5"] * 3,
    ]


def test_a_file_is_replaced_as_a_whole_and_a_folder_removed_with_what_is_in_it(
    tmp_path: Path,
) -> None:
    out = run_mp(f"""
import os
from badge.storage import files

os.chdir({str(tmp_path)!r})
for data in (b"first, longer", b"next"):
    files.replace("file", data)
    print(files.read("file"), os.listdir())
os.mkdir("folder")
for name in ("a", "b"):
    files.replace("folder/" + name, b"")
for _ in range(2):
    files.remove_folder("folder")
files.remove_folder("file")
print(os.listdir())
""")
    assert out.splitlines() == ["b'first, longer' ['file']", "b'next' ['file']", "['file']"]
