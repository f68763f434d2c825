"""Small files and the room for them."""

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
