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
MPY_BUDGET_BYTES = 278_500
# Words are 8 bytes here and 4 on the badge, so the badge needs about 77 % of this (362 kB when it
# was measured, tests/emulated/heap.py); its heap lies in 8 MB of PSRAM.
HEAP_BUDGET_BYTES = 500_000
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
    *("badge.link.ble", "badge.link.ble.peripheral"),
    *("badge.tasks.nearby_task", "badge.assembly.ble"),
)
NEARBY_BUDGET_BYTES = 12_500

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


def test_importing_the_firmware_fits_its_heap_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _compile_all(tmp_path, HOST_ARCH)
    for board in boards.all_ids():
        modules = [(package, _modules_of(package, board)) for package in PACKAGES]
        script = _IMPORT_HEAP.format(
            modules=[*modules, ("later", list(LATER)), ("nearby", list(NEARBY))]
        )
        heap = json.loads(run_mp(script, args=[str(tmp_path)], heap="4m"))
        # Nobody else has imported them.
        assert 4_000 < (later := heap.pop("later")) <= LATER_BUDGET_BYTES, later
        assert 4_000 < (near := heap.pop("nearby")) <= NEARBY_BUDGET_BYTES, near
        total = sum(heap.values())
        with capsys.disabled():
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
    names = (".".join(path.relative_to(FIRMWARE).with_suffix("").parts) for path in files)
    return sorted(name for name in names if name not in LATER + NEARBY)
