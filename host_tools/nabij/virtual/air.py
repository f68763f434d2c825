"""What is in the air around a virtual badge: the ways to the receiver that its board can use."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badge.core import networks
from nabij.hardware.board_parts import Board

Fact = dict[str, Any]


@dataclass(frozen=True)
class Ways:
    """Options of the modem and of WLAN, None for what the board lacks; `network` in words."""

    modem: Fact | None
    wlan: Fact | None
    network: str | None


def ways_of(board: Board, provision: Path | None, rtt_ms: int) -> Ways:
    """A modem in coverage, and of WLAN the first network that the badge's settings name."""
    has_wlan = "wlan" in board.uplink.kinds
    modem = {"rtt_ms": rtt_ms} if board.modem.fitted else None
    if not has_wlan:
        return Ways(modem, None, None)
    known = _networks(provision)
    if not known:
        wlan = {"rtt_ms": rtt_ms}
        return Ways(modem, wlan, "'ward', without a password (`wlan_networks` of the settings)")
    name, password = known[0]
    return Ways(modem, {"name": name, "password": password, "rtt_ms": rtt_ms}, f"'{name}'")


def _networks(provision: Path | None) -> list[tuple[str, str]]:
    if provision is None or not (provision / "config.json").is_file():
        return []
    try:
        settings = json.loads((provision / "config.json").read_bytes())
        found: list[tuple[str, str]] = networks.parse(settings.get("wlan_networks", ""))
    except (ValueError, AttributeError):
        # The badge says what is wrong with its settings.
        return []
    return found
