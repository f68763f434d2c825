"""The firmware fits the badge: flash taken by its .mpy files, heap taken by importing them.

The budgets are generous: they are there to catch a slip, not to be met by a byte.
"""

import json
from pathlib import Path

import pytest

from nabij.hardware import boards
from nabij.usb.build import sources
from tests.mp import run_mp
from tests.mpy import BADGE_ARCH, HOST_ARCH, compile_mpy
from tests.places import FIRMWARE

# The stock image leaves 6 MB of the reference board's flash to the file system, but two
# application slots and a recording of motion have to share it, and copying takes time over USB.
MPY_BUDGET_BYTES = 346_000
# Words are 8 bytes here and 4 on the badge, so the badge needs about 77 % of this (362 kB when it
# was measured, tests/emulated/heap.py); its heap lies in 8 MB of PSRAM.
HEAP_BUDGET_BYTES = 537_000
PACKAGES = ("core", "storage", "drivers", "link", "tasks", "assembly")
# Imported when the receiver's first order comes, or the first self-check, provisioning or update
# on the cable: badges that get none have the heap.
LATER = (
    *("badge.core.codec.order", "badge.assembly.orders"),
    *("badge.tasks.orders.orders", "badge.tasks.orders.renewal"),
    *("badge.tasks.usb.self_check", "badge.tasks.usb.provision_console"),
    "badge.tasks.usb.update_console",
)
LATER_BUDGET_BYTES = 24_500
# Imported where the settings name `ble_after_s`: nobody else has any of it.
NEARBY = (
    *("badge.core.codec.veil", "badge.core.codec.beacon", "badge.core.nearby"),
    *("badge.link.ble", "badge.link.ble.controller", "badge.link.ble.peripheral"),
    *("badge.tasks.nearby_task", "badge.assembly.ble"),
)
NEARBY_BUDGET_BYTES = 14_500
# Imported where `sms_after_s` is above 0, the words where `sms_plain_to` names somebody.
SMS = (
    *("badge.core.codec.sms_text", "badge.core.codec.sms_pdu", "badge.core.phones"),
    *("badge.core.alarm.sms_choice", "badge.core.alarm.sms_words", "badge.storage.sms_file"),
    *("badge.drivers.modem.sms", "badge.tasks.sms_task", "badge.assembly.sms"),
)
SMS_BUDGET_BYTES = 26_000
# Imported where the settings have `motion_upload` on.
UPLOAD = (
    *("badge.core.codec.motion_piece", "badge.storage.motion_marks"),
    *("badge.tasks.motion_upload", "badge.assembly.motion_upload"),
)
UPLOAD_BUDGET_BYTES = 12_000
# Imported where the settings name `relay_scan_s`, and where they name `tag_scan`.
RELAY = (
    *("badge.core.codec.advertised", "badge.core.codec.carried", "badge.core.patience"),
    *("badge.core.relay", "badge.link.ble.scanner", "badge.link.ble.central"),
    *("badge.tasks.carried_desk", "badge.tasks.relay_task", "badge.assembly.relay"),
)
RELAY_BUDGET_BYTES = 20_000
TAGS = (
    *("badge.core.codec.tags", "badge.core.tag_watch"),
    *("badge.tasks.tag_task", "badge.assembly.tags"),
)
TAGS_BUDGET_BYTES = 8_000
# Imported where the settings have `gnss`.
SATELLITES = (
    *("badge.core.codec.cgnsinf", "badge.core.fix_check", "badge.core.gnss_window"),
    *("badge.drivers.modem.gnss", "badge.tasks.sky", "badge.tasks.locator"),
)
SATELLITES_BUDGET_BYTES = 17_500
# Imported where, beside, the board has a receiver of its own; it needs what is above as well.
SERIAL_SATELLITES = (
    *("badge.core.codec.nmea", "badge.drivers.serial_gnss"),
    *("badge.tasks.gnss_task", "badge.assembly.gnss"),
)
SERIAL_SATELLITES_BUDGET_BYTES = 11_000
# No board of this repository has one: so much its files take beside the budget of flash.
SERIAL_SATELLITES_MPY_BYTES = 7_500
# Imported when no network takes the badge for two minutes, or the cable asks why; and where WLAN's
# turn comes while the radio goes off and on.
REFUSED = (
    *("badge.drivers.modem.not_registered", "badge.core.refusal"),
    "badge.drivers.modem.radio_on",
)
REFUSED_BUDGET_BYTES = 4_500
# Imported when the cable asks what a network granted.
GRANTED = ("badge.drivers.modem.granted",)
GRANTED_BUDGET_BYTES = 3_000
# Imported where the settings have `edrx_s` above 0.
EDRX = ("badge.drivers.modem.edrx_request",)
EDRX_BUDGET_BYTES = 2_000
# Imported where a badge has more than one bearer, which no shipped board has.
SEVERAL = ("badge.core.bearer_choice", "badge.core.keep_alives", "badge.link.bearers")
SEVERAL_BUDGET_BYTES = 9_000
# Of badges with a modem alone.
_OF_MODEMS = ("sms", "refused", "granted", "edrx")
# In the order in which they are imported; what an earlier group needs counts there.
APART = {
    "later": (LATER, LATER_BUDGET_BYTES),
    "nearby": (NEARBY, NEARBY_BUDGET_BYTES),
    "sms": (SMS, SMS_BUDGET_BYTES),
    "upload": (UPLOAD, UPLOAD_BUDGET_BYTES),
    "relay": (RELAY, RELAY_BUDGET_BYTES),
    "tags": (TAGS, TAGS_BUDGET_BYTES),
    "satellites": (SATELLITES, SATELLITES_BUDGET_BYTES),
    "serial satellites": (SERIAL_SATELLITES, SERIAL_SATELLITES_BUDGET_BYTES),
    "refused": (REFUSED, REFUSED_BUDGET_BYTES),
    "granted": (GRANTED, GRANTED_BUDGET_BYTES),
    "edrx": (EDRX, EDRX_BUDGET_BYTES),
    "several": (SEVERAL, SEVERAL_BUDGET_BYTES),
}

_IMPORT_HEAP = """
import gc, json, os, sys
# Each module keeps its path: that of this run's folder is no part of the firmware.
os.chdir(sys.argv[1])
sys.path[:] = [".frozen", ""]
# Of the chip only, and called only when the badge goes to sleep.
sys.modules["esp32"] = sys.modules["network"] = sys.modules["bluetooth"] = object()
gc.collect()
heap = {{}}
for package, modules in {modules}:
    before = gc.mem_alloc()
    for module in modules:
        __import__(module)
    gc.collect()
    heap[package] = gc.mem_alloc() - before
print(json.dumps(heap))
"""


def test_compiled_firmware_fits_its_flash_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _compile_all(tmp_path, BADGE_ARCH)
    for board in boards.all_ids():
        sizes: dict[str, int] = {}
        for source in (FIRMWARE / "main.py", *sources(board)):
            where = source.relative_to(FIRMWARE).with_suffix(".mpy")
            package = ".".join(where.parent.parts) or "main"
            sizes[package] = sizes.get(package, 0) + (tmp_path / where).stat().st_size
        total = sum(sizes.values())
        with capsys.disabled():
            print(f"\nfirmware of {board} as .mpy, bytes: {sizes} total {total}")
        assert total <= MPY_BUDGET_BYTES, board
    more = [(tmp_path / name.replace(".", "/")).with_suffix(".mpy") for name in SERIAL_SATELLITES]
    assert 4_000 < sum(file.stat().st_size for file in more) <= SERIAL_SATELLITES_MPY_BYTES


def test_importing_the_firmware_fits_its_heap_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _compile_all(tmp_path, HOST_ARCH)
    for board in boards.all_ids():
        modules = [(package, _modules_of(package, board)) for package in PACKAGES]
        has_modem = "modem" in boards.load(board).uplink.kinds
        left_out = () if has_modem else _OF_MODEMS
        apart_of = {name: one for name, one in APART.items() if name not in left_out}
        script = _IMPORT_HEAP.format(
            modules=[
                *modules,
                *((name, list(group)) for name, (group, _) in apart_of.items()),
            ]
        )
        heap = json.loads(run_mp(script, args=[str(tmp_path)], heap="4m"))
        # Nobody else has imported them.
        apart = {name: heap.pop(name) for name in apart_of}
        for name, (_, budget) in apart_of.items():
            assert 1_000 < apart[name] <= budget, (board, name, apart[name])
        total = sum(heap.values())
        with capsys.disabled():
            print(f"\nwhat is imported when it is needed, bytes of heap on {board}: {apart}")
            print(f"\nheap of importing {board} on the unix port, bytes: {heap} total {total}")
        assert total <= HEAP_BUDGET_BYTES, board


def _compile_all(folder: Path, arch: str) -> list[Path]:
    targets = []
    for source in FIRMWARE.rglob("*.py"):
        targets.append((folder / source.relative_to(FIRMWARE)).with_suffix(".mpy"))
        compile_mpy(source, targets[-1], arch)
    return targets


def _modules_of(package: str, board: str) -> list[str]:
    """In the order in which they are imported; what an earlier one needs counts there."""
    folder = FIRMWARE / "badge" / package
    files = (path for path in sources(board) if path.is_relative_to(folder))
    apart = {name for group, _ in APART.values() for name in group}
    names = (".".join(path.relative_to(FIRMWARE).with_suffix("").parts) for path in files)
    return sorted(name for name in names if name not in apart)
