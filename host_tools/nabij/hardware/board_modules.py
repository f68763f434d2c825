"""Which modules of the firmware a board needs for its parts, and which it can do without."""

from typing import Final

from nabij.hardware.board_parts import Board

# Part of a path below firmware, as it begins: what the board must have for it, all of them.
_NEEDED_BY: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("badge/drivers/modem/", frozenset({"modem"})),
    ("badge/drivers/lsm6dsox.", frozenset({"lsm6dsox"})),
    ("badge/drivers/bma423", frozenset({"bma423"})),
    ("badge/drivers/drv2605.", frozenset({"drv2605"})),
    ("badge/drivers/pmu_key.", frozenset({"pmu_key"})),
    ("badge/drivers/axp2101.", frozenset({"axp2101"})),
    ("badge/drivers/adc_gauge.", frozenset({"no power chip"})),
    ("badge/drivers/no_button.", frozenset({"one button"})),
    ("badge/link/wlan.", frozenset({"wlan"})),
    ("badge/assembly/wlan.", frozenset({"wlan"})),
    ("badge/link/plain_socket.", frozenset({"wlan"})),
    ("badge/core/networks.", frozenset({"wlan"})),
    ("badge/core/codec/dns.", frozenset({"wlan"})),
    ("badge/link/ble/", frozenset({"ble"})),
    ("badge/assembly/ble.", frozenset({"ble"})),
    ("badge/tasks/nearby_task.", frozenset({"ble"})),
    ("badge/core/nearby.", frozenset({"ble"})),
    ("badge/core/codec/beacon.", frozenset({"ble"})),
    ("badge/core/codec/veil.", frozenset({"ble"})),
    ("badge/link/bearers.", frozenset({"modem", "wlan"})),
    ("badge/core/bearer_choice.", frozenset({"modem", "wlan"})),
    # A page, and no code.
    ("badge/link/bearer.", frozenset({"reader"})),
)


def modules_of_others(board: Board) -> tuple[str, ...]:
    """How the paths begin of modules that are of no use to this board."""
    fitted = {
        *board.uplink.kinds,
        board.imu.chip,
        board.pmu.chip,
        board.sos.kind,
        board.haptic.kind,
    }
    if board.pmu.chip != "axp2101":
        fitted.add("no power chip")
    if board.buttons() == 1:
        fitted.add("one button")
    return tuple(path for path, needs in _NEEDED_BY if not needs <= fitted)
