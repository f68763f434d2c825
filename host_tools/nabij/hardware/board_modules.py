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
    ("badge/assembly/sms.", frozenset({"modem"})),
    ("badge/tasks/sms_task.", frozenset({"modem"})),
    ("badge/core/alarm/sms_choice.", frozenset({"modem"})),
    ("badge/core/alarm/sms_words.", frozenset({"modem"})),
    ("badge/core/phones.", frozenset({"modem"})),
    ("badge/core/codec/sms_text.", frozenset({"modem"})),
    ("badge/core/codec/sms_pdu.", frozenset({"modem"})),
    ("badge/storage/sms_file.", frozenset({"modem"})),
    ("badge/link/ble/", frozenset({"ble"})),
    ("badge/assembly/ble.", frozenset({"ble"})),
    ("badge/tasks/nearby_task.", frozenset({"ble"})),
    ("badge/core/nearby.", frozenset({"ble"})),
    ("badge/core/codec/beacon.", frozenset({"ble"})),
    ("badge/core/codec/veil.", frozenset({"ble"})),
    ("badge/core/codec/carried.", frozenset({"ble"})),
    ("badge/core/codec/tags.", frozenset({"ble"})),
    ("badge/core/codec/advertised.", frozenset({"ble"})),
    ("badge/core/patience.", frozenset({"ble"})),
    ("badge/core/relay.", frozenset({"ble"})),
    ("badge/core/tag_watch.", frozenset({"ble"})),
    ("badge/tasks/tag_task.", frozenset({"ble"})),
    ("badge/assembly/tags.", frozenset({"ble"})),
    ("badge/assembly/relay.", frozenset({"ble"})),
    ("badge/tasks/carried_desk.", frozenset({"ble"})),
    ("badge/tasks/relay_task.", frozenset({"ble"})),
    ("badge/core/codec/nmea.", frozenset({"gnss"})),
    ("badge/drivers/serial_gnss.", frozenset({"gnss"})),
    ("badge/tasks/gnss_task.", frozenset({"gnss"})),
    ("badge/assembly/gnss.", frozenset({"gnss"})),
    ("badge/link/bearers.", frozenset({"modem", "wlan"})),
    ("badge/core/bearer_choice.", frozenset({"modem", "wlan"})),
    # A page, and no code; and what only host and simulator need.
    ("badge/link/bearer.", frozenset({"reader"})),
    ("badge/core/edrx.", frozenset({"host"})),
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
    if board.gnss.fitted:
        fitted.add("gnss")
    if board.buttons() == 1:
        fitted.add("one button")
    return tuple(path for path, needs in _NEEDED_BY if not needs <= fitted)
