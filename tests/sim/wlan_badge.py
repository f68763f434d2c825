"""A badge that has WLAN, alone or beside its modem, with a network in reach."""

from pathlib import Path
from typing import Any

from nabij.virtual import site as sites
from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.places import FIRMWARE
from tests.worlds import Site

NAME, PASSWORD = "ward", "very secret"
SETTINGS = {"shift_test": False, "wlan_networks": f"{NAME}={PASSWORD}"}
_BOARD = "import Board\n"


def wlan(site: Site, **options: Any) -> Fact:
    """A network in reach of which the badge knows the password, and the receiver behind it."""
    remote = sites.remote(site.state, site.provision) | options.pop("remote", {})
    return {"name": NAME, "password": PASSWORD, "remote": remote, **options}


def main_with(folder: Path, uplinks: tuple[str, ...]) -> Path:
    """A main.py, in `folder`, of firmware that has these ways to the receiver."""
    main = folder / f"main{len(list(folder.iterdir()))}.py"
    source = (FIRMWARE / "main.py").read_text()
    parts = source.split(_BOARD)
    assert len(parts) == 3
    # As the board's definition would have it.
    first = f"{_BOARD}    Board.UPLINKS = {uplinks!r}\n"
    second = f"{_BOARD}        Board.UPLINKS = {uplinks!r}\n"
    main.write_text(parts[0] + first + parts[1] + second + parts[2])
    return main


def lived(
    site: Site,
    folder: Path,
    duration_ms: int,
    events: list[Fact],
    *,
    uplinks: tuple[str, ...] = ("wlan",),
    settings: dict[str, Any] | None = None,
    **more: Any,
) -> Run:
    """One life of the reference badge with these ways to the receiver in its firmware."""
    number = len(list(folder.iterdir()))
    return run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision_with(folder / f"provision{number}", settings or SETTINGS),
            main=main_with(folder, uplinks),
            events=events,
            **more,
        )
    )


def lived_on(
    site: Site, folder: Path, board: str, duration_ms: int, events: Any, **more: Any
) -> Run:
    """One life of another board, which sends by WLAN alone."""
    settings = {**SETTINGS, **more.pop("settings", {})}
    return run_fast(
        Scenario(
            board=board,
            duration_ms=duration_ms,
            provision=site.provision_with(folder / "provision", settings),
            wlan=wlan(site, **more.pop("wlan", {})),
            events=events,
            **more,
        )
    )
