"""The journal file on a real littlefs: durable, cheap when primed, bounded, hard to upset."""

import json

import pytest

from badge.core.alarm.book import MAX_OPEN
from tests.mp import run_mp

SETUP = """
import json, os, vfs
from badge.core.alarm import kinds, life
from badge.core.alarm.record import Alarm, state_of
from badge.core.codec.journal import REC_ALARM, JournalError
from badge.core.codec.journal import encode as wire_bytes
from badge.storage.journal_file import AlarmJournal
from sim.models.flash import FlashModel

flash = FlashModel(24)
vfs.VfsLfs2.mkfs(flash)

def restart():
    "What a power cut and a new start do: only what is in the flash stays."
    global journal
    if "/f" in str(vfs.mount()):
        vfs.umount("/f")
    vfs.mount(vfs.VfsLfs2(flash), "/f")
    journal = AlarmJournal("/f/alarms")
    return journal.replay()

def payload(state=life.RAISED):
    alarm = Alarm(kinds.SOS, 1, 1, 0)
    alarm.state = state
    return alarm.pack(0)

def append(boot, seq, state=life.RAISED):
    journal.append(REC_ALARM, boot, seq, payload(state))

def keys(records):
    return [record[1:3] for record in records]

def code_of(call, *args):
    try:
        call(*args)
    except JournalError as error:
        return error.code

def fill():
    "Take every free block of the flash."
    try:
        for n in range(99):
            with open("/f/filler%d" % n, "wb") as file:
                file.write(bytes(300))
    except OSError:
        pass

restart()
"""


def run(body):
    """Run a body after SETUP; return what it printed as JSON."""
    return json.loads(run_mp(SETUP + body))


@pytest.mark.parametrize("primed", [False, True])
def test_an_append_is_durable_when_it_returns(primed):
    assert run(f"""
if {primed}:
    journal.prime()
append(7, 1)
image = bytes(flash.image)
append(7, 2)
flash.image[:] = image
records, errors = restart()
print(json.dumps([keys(records), errors, journal.highest_boot]))
""") == [[[7, 1]], [], 7]


def test_a_primed_append_needs_no_erase_but_for_a_rare_metadata_compaction():
    erases, programs = run("""
erases = []
programs = []
for i in range(300):
    journal.prime()
    before = flash.erases, flash.programs
    append(7, 1 + i % 6)
    erases.append(flash.erases - before[0])
    programs.append(flash.programs - before[1])
assert flash.violations == 0
print(json.dumps([erases, programs]))
""")
    assert max(erases) <= 1
    assert sum(erases) <= len(erases) // 50
    assert max(programs) <= 3


def test_the_journal_stays_within_one_segment_of_one_block():
    assert run("""
sizes = []
for i in range(500):
    if i % 3:
        journal.prime()
    append(7, 1 + i // 5, life.CLOSED if i % 5 == 4 else life.RAISED)
    sizes.append(sum(entry[3] for entry in os.ilistdir("/f/alarms")))
records, errors = restart()
print(json.dumps([max(sizes) <= 4096, len(os.listdir("/f/alarms")), records, errors]))
""") == [True, 1, [], []]


def test_replay_keeps_undelivered_alarms_and_drops_what_is_over():
    assert run("""
append(7, 1); append(7, 2); append(7, 3)
append(7, 2, life.RECEIVED); append(7, 1, life.CLOSED)
records, errors = restart()
print(json.dumps([keys(records), [state_of(record[3]) for record in records], errors]))
""") == [[[7, 2], [7, 3]], [4, 2], []]


@pytest.mark.parametrize("where", ["before", "after", "alone"])
def test_random_bytes_are_reported_moved_aside_and_cost_no_alarm(where):
    kept, errors, names, later = run(f"""
if {where!r} != "alone":
    append(7, 1); append(7, 2)
[name] = os.listdir("/f/alarms")
journal.close()
good = open("/f/alarms/" + name, "rb").read()
garbage = bytes([1] + [(i * i * 7919 >> 3) & 255 for i in range(900)])
with open("/f/alarms/" + name, "wb") as file:
    file.write({{"before": garbage + good, "after": good + garbage, "alone": garbage}}[{where!r}])
kept, errors = restart()
names = os.listdir("/f/alarms")
append(8, 1)
later, none = restart()
assert none == []
print(json.dumps([keys(kept), errors, sorted(names), keys(later)]))
""")
    assert kept == ([] if where == "alone" else [[7, 1], [7, 2]])
    assert len(errors) == 1
    assert "no record" in errors[0]
    assert names == ["alarms.2", "alarms.bad"]
    assert later == [*kept, [8, 1]]


def test_only_one_damaged_segment_is_kept():
    assert run("""
for round in range(4):
    append(7, round + 1)
    journal.close()
    [name] = [name for name in os.listdir("/f/alarms") if name != "alarms.bad"]
    with open("/f/alarms/" + name, "ab") as file:
        file.write(b"garbage")
    records, errors = restart()
print(json.dumps([keys(records), len(os.listdir("/f/alarms"))]))
""") == [[[7, 1], [7, 2], [7, 3], [7, 4]], 2]


def test_files_that_are_not_ours_are_left_alone():
    assert run("""
append(7, 1)
journal.close()
os.mkdir("/f/alarms/alarms.9")
open("/f/alarms/alarms.x", "w").close()
open("/f/alarms/notes", "w").close()
records, errors = restart()
append(7, 2)
records, errors = restart()
print(json.dumps([keys(records), errors, len(os.listdir("/f/alarms"))]))
""") == [[[7, 1], [7, 2]], [], 4]


def test_a_segment_that_is_too_long_is_moved_aside():
    kept, errors, names = run("""
append(7, 1)
journal.close()
[name] = os.listdir("/f/alarms")
with open("/f/alarms/" + name, "ab") as file:
    file.write(bytes(9000))
records, errors = restart()
print(json.dumps([keys(records), errors, os.listdir("/f/alarms")]))
""")
    assert kept == [[7, 1]]
    assert "longer than a segment" in errors[0]
    assert "alarms.bad" in names


def test_a_full_disk_is_a_clear_code_and_the_journal_recovers():
    assert run("""
append(7, 1)
fill()
journal.close()
codes = [code_of(append, 7, 2), code_of(journal.prime), code_of(journal.compact)]
still, errors = restart()
for n in range(4):
    os.remove("/f/filler%d" % n)
append(7, 3)
records, errors = restart()
print(json.dumps([codes, keys(still), keys(records), errors]))
""") == [["journal.full"] * 3, [[7, 1]], [[7, 1], [7, 3]], []]


def test_a_primed_append_fits_on_a_full_disk():
    assert run("""
append(7, 1)
journal.prime()
fill()
append(7, 2)
records, errors = restart()
print(json.dumps([keys(records), errors]))
""") == [[[7, 1], [7, 2]], []]


def test_flash_that_fails_is_a_clear_code_and_replay_never_raises():
    codes, errors = run("""
class Broken(FlashModel):
    def writeblocks(self, block, buf, offset=None):
        return -5

append(7, 1)
broken = Broken(24)
broken.image[:] = flash.image
flash = broken
records, errors = restart()
assert keys(records) == [(7, 1)] and errors == []
codes = [code_of(append, 7, 2), code_of(journal.prime), code_of(journal.compact)]
journal.close()
journal = AlarmJournal("/f/other")
records, errors = journal.replay()
print(json.dumps([codes, errors]))
""")
    assert codes == ["journal.io"] * 3
    assert "could not be put in order" in errors[0]


def test_a_payload_that_is_too_long_is_refused():
    assert (
        run("print(json.dumps(code_of(journal.append, 1, 1, 1, bytes(201))))") == "journal.shape"
    )


def test_a_journal_full_of_undelivered_alarms_says_so_and_keeps_them():
    code, count = run("""
code = None
seq = 0
while code is None:
    seq += 1
    code = code_of(append, 7, seq)
records, errors = restart()
assert errors == [] and keys(records) == [(7, n) for n in range(1, seq)]
print(json.dumps([code, len(records)]))
""")
    assert code == "journal.full"
    assert count > 10 * MAX_OPEN


def test_a_segment_that_cannot_be_read_is_told_and_set_aside_and_the_other_is_kept():
    kept, errors, names, later = run("""
class Unreadable(FlashModel):
    "One block gives an error to whoever reads it."
    bad = None
    def readblocks(self, block, buf, offset=0):
        return -5 if block == self.bad else super().readblocks(block, buf, offset)

append(7, 1)
journal.close()
lost = bytes(256) + wire_bytes(REC_ALARM, 7, 2, payload())
with open("/f/alarms/alarms.2", "wb") as file:
    file.write(lost)
broken = Unreadable(24)
broken.image[:] = flash.image
flash = broken
flash.bad = bytes(flash.image).find(lost) // flash.block_size
kept, errors = restart()
names = os.listdir("/f/alarms")
append(8, 1)
later, none = restart()
assert none == []
print(json.dumps([keys(kept), errors, sorted(names), keys(later)]))
""")
    assert kept == [[7, 1]]
    [error] = errors
    assert "alarms.2 cannot be read: [Errno 5] EIO" in error
    assert names == ["alarms.3", "alarms.bad"]
    assert later == [[7, 1], [8, 1]]


def test_a_journal_that_was_closed_or_has_no_room_does_not_call_itself_ready():
    assert run("""
journal.prime()
ready = [journal.primed]
journal.close()
ready.append(journal.primed)
code = None
seq = 0
while code is None:
    seq += 1
    journal.prime()
    code = code_of(append, 7, seq)
print(json.dumps([ready, code, journal.primed]))
""") == [[True, False], "journal.full", False]
