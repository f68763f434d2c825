"""The table of reasons: that of the wire, with one for whatever can fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from badge.core.wearer import reasons
from tests.places import DOCS, FIRMWARE

CDDL = (DOCS / "protocol.cddl").read_text()
# Failures that are no file: parts with a source of their own, refusals, what others sent.
OTHERS = {
    # It says which address is called first, and all of them are called in turn without it.
    "address.not_stored",
    "address.unreadable",
    # The way of BLE is beside the link, and whoever is near can write.
    "ble.dead",
    "ble.failed",
    "ble.refused",
    "ble.unsayable",
    # So is that of SMS, and whoever knows the number can write.
    "sms.failed",
    "sms.foreign",
    "sms.not_sent",
    "sms.unsayable",
    # What is carried is another's.
    "relay.failed",
    "relay.refused",
    # Where somebody is, is a hint. A modem that a window leaves stuck is switched off and on.
    "tags.failed",
    "gnss.failed",
    "gnss.stuck",
    "power.antenna_failed",
    "alarm.refused",
    "alarm.unsayable",
    "hello.unsayable",
    "clock.unanswered",
    "gc.failed",
    "identity.unusable",
    "imu.failed",
    "link.deaf",
    "link.not_left",
    "link.down",
    "link.none",
    "link.refused",
    "modem.revive_failed",
    "wlan.dead",
    "wlan.unanswered",
    # Who sent the order hears nothing, and asks again.
    "order.failed",
    "renewal.failed",
    "renewal.not_stored",
    "order.refused",
    "power.failed",
    "power.rail_failed",
    "restart.failed",
    "supervisor.crash",
    "supervisor.look_failed",
    "supervisor.stand_in_failed",
    "supervisor.steady_failed",
    "usb.failed",
}
# What writes a failure to the log, with its code first.
LOGS = {"failure", "_blocking", "_fault"}
# Not told to anybody. The choice of a slot before the application runs (docs/update.md).
# The address that was good last costs nothing but time when it is lost.
SILENT_FILES = {"address_file", "slot_store"}


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """(file, call) of every call of a function or method of these names in the firmware."""
    for file in sorted(FIRMWARE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else None
                if isinstance(called, ast.Name):
                    name = called.id
                if name in names:
                    yield str(file.relative_to(FIRMWARE)), node


def texts(node: ast.Call) -> set[str]:
    """The first argument, when it is a text."""
    first = node.args[0] if node.args else None
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return {first.value} if is_text else set()  # type: ignore[union-attr]


def test_the_reasons_that_are_told_are_those_of_the_protocol() -> None:
    named = re.search(r"^reason = ((?:.|\n)+?)1\.\.255$", CDDL, re.MULTILINE)
    assert named is not None
    numbers = dict(re.findall(r"^(fault-[a-z-]+) = (\d+)$", CDDL, re.MULTILINE))
    told = {
        "fault-" + one.name.replace(".", "-").replace("_", "-"): one.number
        for one in reasons.TABLE
        if one.told_s
    }
    assert {name: int(number) for name, number in numbers.items()} == told
    assert [name for name in re.split(r"[\s/]+", named[1]) if name] == list(told)


def test_every_number_and_name_is_there_once() -> None:
    assert len({one.number for one in reasons.TABLE}) == len(reasons.TABLE)
    assert len({one.name for one in reasons.TABLE}) == len(reasons.TABLE)
    for one in reasons.TABLE:
        assert 1 <= one.number <= 255
        # What is over speaks against nothing.
        assert (one.weight == reasons.YES) == one.name.startswith("reset.")
        assert one.weight in (reasons.YES, reasons.LIMITED, reasons.NO)
        assert reasons.of(one.name) == one


def test_every_task_that_can_fail_names_its_reason() -> None:
    """What app.py starts is what the supervisor runs."""
    started = set[str]()
    for file, node in calls({"start"}):
        if file == "badge/app.py":
            started |= texts(node)
    assert len(started) >= 14
    named = {
        one.name.removeprefix(reasons.TASK)
        for one in reasons.TABLE
        if one.name.startswith(reasons.TASK)
    }
    assert started == named


def test_every_other_task_dies_to_somebody() -> None:
    """One that the supervisor does not start has a reason only where its death is handed on."""
    handed_on = {
        "badge/assembly/link.py": "awaited by the task `modem`",
        "badge/drivers/modem/lte_m.py": "the modem's next turn configures it anew",
        "badge/drivers/modem/modem_socket.py": "its error ends the connection",
        "badge/link/mqtt.py": "its error ends the session",
        "badge/link/bearers.py": "awaited by the session's task",
        "badge/tasks/order_desk.py": "who ordered hears nothing, and asks again",
        "badge/tasks/orders/renewal.py": "it goes back to the certificate that it had",
        "badge/tasks/bell.py": "awaited by who waits for the bell",
        "badge/tasks/restart.py": "not pending any more, so it is asked for again",
        "badge/tasks/supervisor.py": "the supervisor's own",
        "badge/tasks/wearer/feedback_task.py": "awaited by the task `feedback`",
    }
    assert {file for file, _ in calls({"create_task"})} == set(handed_on)


def test_every_failure_of_the_log_is_a_reason_or_known_to_be_none() -> None:
    logged = set[str]()
    for _, node in calls(LOGS):
        logged |= texts(node)
    assert logged - OTHERS == set(reasons.OF_FAILURES)
    assert not OTHERS - logged
    assert set(reasons.OF_FAILURES.values()) <= {one.name for one in reasons.TABLE if one.told_s}


# What is logged when a module of storage fails, and where: who calls it, or the module itself.
LOGGED_FOR = {
    "boot_counter": ("boot.not_stored", "badge/assembly/alarms.py"),
    "config_file": ("config.refused", "badge/storage/config_file.py"),
    "crash_note": ("crash.unread", "badge/app.py"),
    "event_files": ("log.failed", "badge/tasks/usb/event_writer.py"),
    "identity": ("identity.unusable", "badge/assembly/alarms.py"),
    "journal_file": ("journal.failed", "badge/tasks/alarm_store.py"),
    "motion_file": ("motion.not_stored", "badge/tasks/housekeeping.py"),
    "motion_marks": ("motion.failed", "badge/tasks/motion_upload.py"),
    "provisioning": ("identity.not_settled", "badge/assembly/settings.py"),
    "shift_file": ("shift.not_stored", "badge/tasks/wearer/shift_task.py"),
    "sms_file": ("sms.not_stored", "badge/tasks/sms_task.py"),
    "slot_files": ("slots.not_stored", "badge/tasks/usb/updater.py"),
    "starts_file": ("starts.not_stored", "badge/app.py"),
    "utc_clock": ("clock.store_failed", "badge/tasks/housekeeping.py"),
    "worn_file": ("worn.not_stored", "badge/tasks/housekeeping.py"),
}
# Failures whose reason is found by the verdict itself: without an identity there is no radio.
FOUND = {"identity.unusable": "identity"}


def test_every_file_of_the_badge_is_one_whose_failure_is_told() -> None:
    """A new module of storage has to say here which failure of the log is its own."""
    modules = {file.stem for file in (FIRMWARE / "badge" / "storage").glob("*.py")}
    assert modules - {"__init__", "files"} - SILENT_FILES == set(LOGGED_FOR)
    named = {**reasons.OF_FAILURES, **FOUND}
    for code, _ in LOGGED_FOR.values():
        assert reasons.of(named[code]) is not None, code


def test_what_a_file_is_said_to_log_is_logged_where_its_failure_is_caught() -> None:
    logged = {(code, file) for file, node in calls(LOGS) for code in texts(node)}
    assert set(LOGGED_FOR.values()) <= logged
    returned = {
        node.value.value
        for file in FIRMWARE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant)
    }
    assert set(FOUND.values()) <= returned
