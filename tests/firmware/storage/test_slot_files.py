"""A slot is filled from where it stopped, with what the manifest lists, each file checked."""

from __future__ import annotations

from tests.mp import run_mp

RIG = """
import hashlib, os
from badge.core.codec.manifest import Manifest
from badge.storage import slot_files
from badge.storage.slot_files import SlotFiles, SlotFilesError

DATA = {"badge/a.mpy": b"a" * 700, "badge/core/b.mpy": b"bb", "badge/empty.mpy": b""}
LISTED = [(path, len(DATA[path]), hashlib.sha256(DATA[path]).digest()) for path in sorted(DATA)]

def slot():
    return SlotFiles("slot", Manifest("1.2.3", 7, 6, LISTED))

def code_of(steps):
    try:
        list(steps)
    except SlotFilesError as error:
        return error.code, error.why

def next_of(files):
    missing = ()
    while missing == ():
        missing = files.missing()
    return missing

def fill(files, most=300):
    while True:
        missing = next_of(files)
        if missing is None:
            return
        path, offset, size = missing
        list(files.feed(path, offset, DATA[path][offset:offset + most]))

def tree(folder="slot"):
    found = []
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        found += tree(path) if kind == 0x4000 else [path[5:]]
    return sorted(found)

def write(path, data):
    with open("slot/" + path, "wb") as file:
        file.write(data)
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).splitlines()


def test_a_slot_is_filled_piece_by_piece_and_whole_with_its_manifest() -> None:
    out = run("""
files = slot()
print(list(files.clear()), slot_files.held("slot"), slot_files.held("none"))
fill(files)
print(tree())
list(files.seal(b"frame"))
print(tree(), slot_files.held("slot"), open("slot/manifest", "rb").read())
print(all(open("slot/" + path, "rb").read() == data for path, data in DATA.items()))
""")
    assert out == [
        "['manifest'] (0, 0) (0, 0)",
        "['badge/a.mpy', 'badge/core/b.mpy', 'badge/empty.mpy']",
        "['badge/a.mpy', 'badge/core/b.mpy', 'badge/empty.mpy', 'manifest'] (4, 707) b'frame'",
        "True",
    ]


def test_it_goes_on_where_it_was_cut() -> None:
    out = run("""
files = slot()
list(files.clear())
list(files.feed("badge/a.mpy", 0, bytes(b"a" * 300)))
print(files.missing())
files.close()
after = slot()
print(next_of(after))
fill(after)
list(after.seal(b"frame"))
again = slot()
list(again.clear())
print(next_of(again), "manifest" in tree())
""")
    assert out == ["('badge/a.mpy', 300, 700)", "('badge/a.mpy', 300, 700)", "None False"]


def test_what_is_not_listed_is_removed_and_what_is_stays() -> None:
    out = run("""
files = slot()
list(files.clear())
fill(files)
files.close()
os.mkdir("slot/old")
os.mkdir("slot/badge/old")
os.mkdir("slot/badge/old/older")
for path in ("old/x", "badge/x", "badge/old/x", "badge/old/older/y", "badge/core/x", "manifest"):
    write(path, b"x")
removed = list(slot().clear())
print(removed[0], *sorted(removed[1:]))
print(*tree(), os.listdir("slot"), sorted(os.listdir("slot/badge")))
""")
    gone = "badge/core/x badge/old badge/old/older badge/old/older/y badge/old/x badge/x old old/x"
    left = "badge/a.mpy badge/core/b.mpy badge/empty.mpy"
    assert out == [f"manifest {gone}", f"{left} ['badge'] ['a.mpy', 'core', 'empty.mpy']"]


def test_a_piece_out_of_turn_or_too_long_is_refused() -> None:
    out = run("""
files = slot()
list(files.clear())
print(code_of(files.feed("badge/c.mpy", 0, b"x")))
print(code_of(files.feed("badge/core/b.mpy", 1, b"b")))
print(code_of(files.feed("badge/core/b.mpy", 0, b"bbb")))
list(files.feed("badge/core/b.mpy", 0, b"b"))
print(code_of(files.feed("badge/core/b.mpy", 0, b"b")))
print(code_of(files.feed("badge/core/b.mpy", 1, b"b")))
""")
    assert out == [
        "('slot.path', 'badge/c.mpy is not in the manifest')",
        *["('slot.offset', 'badge/core/b.mpy goes on at byte 0')"] * 2,
        "('slot.offset', 'badge/core/b.mpy goes on at byte 1')",
        "None",
    ]


def test_a_file_that_is_not_as_listed_is_sent_again_from_its_start() -> None:
    out = run("""
files = slot()
list(files.clear())
list(files.feed("badge/a.mpy", 0, bytes(700)))
print(next_of(files), "badge/a.mpy" in tree())
fill(files)
# Longer than it should be, as by an older release.
write("badge/core/b.mpy", b"bbb")
print(next_of(slot()))
""")
    assert out == ["('badge/a.mpy', 0, 700) False", "('badge/core/b.mpy', 0, 2)"]


def test_flash_that_changes_a_file_before_the_end_keeps_the_slot_from_being_sealed() -> None:
    out = run("""
files = slot()
list(files.clear())
fill(files)
for bad in (b"xx", b"bbb", None):
    if bad is None:
        os.remove("slot/badge/core/b.mpy")
    else:
        write("badge/core/b.mpy", bad)
    print(code_of(files.seal(b"frame")), "manifest" in tree())
    fill(files)
print(code_of(files.seal(b"frame")), "manifest" in tree())
""")
    wrong = "('slot.hash', 'badge/core/b.mpy is not as the manifest says') False"
    assert out == [wrong, wrong, wrong, "None True"]


def test_a_call_checks_one_file_at_most() -> None:
    """A squeeze is let in after each."""
    out = run("""
files = slot()
list(files.clear())
fill(files)
after = slot()
print([after.missing() for _ in range(4)])
""")
    assert out == ["[(), (), None, None]"]


def test_each_step_is_one_piece_of_flash_work() -> None:
    """To close a file, to make a folder, to open one, to write: a squeeze is let in after each."""
    out = run("""
files = slot()
list(files.clear())
def steps(path, offset, data):
    return len(list(files.feed(path, offset, data)))
print(steps("badge/core/b.mpy", 0, b"b"), steps("badge/core/b.mpy", 1, b"b"))
print(steps("badge/a.mpy", 0, b"a"), steps("badge/a.mpy", 1, b"a"), steps("badge/a.mpy", 2, b"a"))
""")
    assert out == ["5 1", "3 1 1"]
