"""Puts together what raises and keeps alarms: identity, boot number, journal, book, keeper."""

import binascii
import os

from badge.assembly.parts import Alarms
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.outbox import Outbox
from badge.storage import boot_counter, identity
from badge.storage.journal_file import AlarmJournal
from badge.storage.motion_file import About, MotionFiles
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.housekeeping import Housekeeping
from badge.version import VERSION


def open_journal(directory, log):
    """The AlarmJournal, the records in it, and the number of this start."""
    journal = AlarmJournal(directory + "alarms")
    records = _stored_alarms(journal, log)
    return journal, records, _boot_number(directory, journal.highest_boot, log)


def build(base, journal, records, boot):
    """The Alarms; the keeper has not taken up `records` yet."""
    common, ports = base.common, base.ports
    outbox = Outbox(common.config, lambda: os.urandom(1)[0])
    who = _identity(base.directory, common.log)
    keeper = AlarmKeeper(
        common,
        AlarmBook(boot),
        journal,
        outbox,
        who,
        on_open=ports.alarm_opened,
        on_waiting=ports.alarm_waits,
    )
    return Alarms(who, boot, records, journal, outbox, keeper)


def build_chores(base, who, body, radio):
    """The Housekeeping."""
    files = motion_files(base, who, body.man_down)

    def look_again():
        # A session shows that it was read as it is.
        if radio is None or not radio.link.was_up:
            _restart_if_better(base, who)

    return Housekeeping(base.common, files, body, look_again)


def motion_files(base, who, man_down):
    """The MotionFiles; what they say of the detector is as it was configured."""
    board = base.board
    badge = "" if who is None else who.badge
    axes = " ".join(board.IMU_AXES)
    params_crc = binascii.crc32(bytes(memoryview(man_down.params)))
    about = About(badge, VERSION, board.NAME, board.PLACEMENT, axes, params_crc)
    return MotionFiles(base.directory + "motion", about)


def _made(who):
    return who.host, who.port, who.apn, who.hmac_key, who.ca_der, who.cert_der, who.key_der


def _restart_if_better(base, before):
    """What flash refused to give at the start, or gave wrongly, it may give at the next one."""
    try:
        who = identity.load(base.directory)
    except identity.IdentityError:
        return
    if before is None or _made(who) != _made(before):
        base.ports.restart_wanted("identity")


def _identity(directory, log):
    try:
        return identity.load(directory)
    except identity.IdentityError as error:
        log.failure("identity.unusable", error)
        return None


def _stored_alarms(journal, log):
    try:
        records, errors = journal.replay()
    except OSError as error:
        # Flash that fails must not disarm the badge: alarms then go from memory alone.
        log.failure("journal.failed", error)
        return []
    for why in errors:
        log.event("journal.damaged", why=repr(why))
    return records


def _boot_number(directory, highest_seen, log):
    try:
        return boot_counter.next_boot(directory, highest_seen)
    except boot_counter.BootCounterError as error:
        log.failure("boot.not_stored", error)
        return error.boot
