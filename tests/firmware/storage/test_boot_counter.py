"""The boot number: it rises at each start, and a lost one is never followed by a used one."""

import json

import pytest

from tests.mp import run_mp

SETUP = """
import json, os, vfs
from badge.storage.boot_counter import BootCounterError, next_boot
from sim.models.flash import FlashModel

flash = FlashModel(16)
vfs.VfsLfs2.mkfs(flash)
vfs.mount(vfs.VfsLfs2(flash), "/f")

def restart():
    vfs.umount("/f")
    vfs.mount(vfs.VfsLfs2(flash), "/f")
"""

JUMP = 1 << 16


def run(body):
    """Run a body after SETUP; return what it printed as JSON."""
    return json.loads(run_mp(SETUP + body))


def test_it_rises_by_one_at_each_start_and_is_stored_when_it_returns():
    numbers = run("""
numbers = []
for _ in range(5):
    numbers.append(next_boot("/f"))
    restart()
print(json.dumps(numbers))
""")
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert 0 < numbers[0] < 2**32


def test_new_badges_do_not_start_at_the_same_number():
    assert len({run("print(json.dumps(next_boot('/f')))") for _ in range(4)}) == 4


def test_a_journal_that_has_seen_more_starts_is_believed():
    first, second = run("""
first = next_boot("/f")
print(json.dumps([first, next_boot("/f", first + 10)]))
""")
    assert second == first + 11


@pytest.mark.parametrize(
    "damage", ["b''", "b'1234567'", "bytes(8)", "b'123456789'", "b'\\xff' * 8", "good[:-1] + b'!'"]
)
def test_a_damaged_file_jumps_ahead_of_every_number_used(damage):
    first, again, after = run(f"""
first = next_boot("/f")
good = open("/f/boot", "rb").read()
with open("/f/boot", "wb") as file:
    file.write({damage})
again = next_boot("/f", 5000)
print(json.dumps([first, again, next_boot("/f", 5000)]))
""")
    assert again >= 5000 + JUMP
    assert again != first
    assert after == again + 1


def test_a_lost_number_is_followed_by_one_above_the_journals_highest():
    highest = 2**31
    assert highest + JUMP < run(f"print(json.dumps(next_boot('/f', {highest})))") < 2**32


def test_numbers_stay_within_32_bits():
    assert run("print(json.dumps(next_boot('/f', 0xFFFFFFFF)))") <= 2**28


def test_flash_that_fails_says_so_and_offers_a_number_of_its_own():
    code, stored, offered = run("""
class Broken(FlashModel):
    def writeblocks(self, block, buf, offset=None):
        return -5

stored = next_boot("/f")
broken = Broken(16)
broken.image[:] = flash.image
flash = broken
restart()
try:
    next_boot("/f", stored)
except BootCounterError as error:
    print(json.dumps([error.code, stored, error.boot]))
""")
    assert code == "boot.store"
    assert offered >= stored + JUMP
