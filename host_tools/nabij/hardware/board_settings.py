"""Settings that ask for what a board has no part for."""

from collections.abc import Mapping
from typing import Any, Final

from badge.core.settings.config import Config
from nabij.hardware.board_parts import Board

# A setting that switches something on, and the parts of which the board must have one. It is taken
# without them, and nothing comes of it.
_IN_VAIN: Final[Mapping[str, frozenset[str]]] = {
    "ble_after_s": frozenset({"ble"}),
    "relay_scan_s": frozenset({"ble"}),
    "tag_scan": frozenset({"ble"}),
    "edrx_s": frozenset({"modem"}),
    "gnss": frozenset({"modem", "gnss"}),
    "sound_percent": frozenset({"buzzer"}),
    "light": frozenset({"light"}),
}
# The same of those that a badge refuses when they are sent: it has not got what reads them.
_REFUSED: Final[Mapping[str, frozenset[str]]] = {
    "wlan_networks": frozenset({"wlan"}),
    "tag_houses": frozenset({"ble"}),
    "sms_to": frozenset({"modem"}),
    "sms_plain_to": frozenset({"modem"}),
    "sms_plain_name": frozenset({"modem"}),
}


def without_part(board: Board) -> list[str]:
    """The settings that this board takes and has no part for, on or off."""
    return _lacking(_IN_VAIN, board)


def in_vain(board: Board, given: Mapping[str, Any]) -> list[str]:
    """Those of them that are on."""
    return _on(without_part(board), given)


def refused(board: Board, given: Mapping[str, Any]) -> list[str]:
    """The settings that a badge of this board refuses, because it has no part for them."""
    return _on(_lacking(_REFUSED, board), given)


def sentence(names: list[str], board: str) -> str:
    """That nothing comes of them there."""
    them = "it" if len(names) == 1 else "them"
    return f"Nothing comes of {_listed(names)}: {board} has no part for {them}."


def refusal(names: list[str], board: str) -> str:
    """That a badge of this board does not take them."""
    them = "it" if len(names) == 1 else "them"
    return f"{board} has no part for {_listed(names)}: leave {them} out."


def _lacking(table: Mapping[str, frozenset[str]], board: Board) -> list[str]:
    others = {
        "gnss": board.gnss.fitted,
        "buzzer": board.buzzer.fitted,
        "light": board.status_led.fitted,
    }
    fitted = {*board.uplink.kinds, *(name for name, is_there in others.items() if is_there)}
    return [name for name, needs in table.items() if not needs & fitted]


def _on(names: list[str], given: Mapping[str, Any]) -> list[str]:
    config, _ = Config.examine(dict(given))
    return [name for name in names if getattr(config, name)]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])
