"""Motion windows of alarms, brought home from a badge as a trace bundle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from badge.core.alarm import kinds
from nabij.data.alarm_bundle import UNKNOWN, AlarmBundle
from nabij.data.alarm_window import SUFFIX, DamagedWindowError, parse_window
from nabij.event_lines import parse_event
from nabij.usb.device import Device

FOLDER: Final = "/motion"


@dataclass(frozen=True)
class Pulled:
    """What `pull` did: names of new trials, of those that were there, and what is damaged."""

    saved: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def pull(
    device: Device, bundle: Path, tell: Callable[[str, int, int], None] | None = None
) -> Pulled:
    """Bring the badge's windows into the bundle; what is there already is not fetched again.

    Each is filed under the id that the badge had when it was stored.
    `tell(name, bytes so far, bytes in all)` hears of the progress.
    """
    badge = str(device.info.get("badge") or device.info.get("serial"))
    there = AlarmBundle(bundle)
    pulled = Pulled()
    raised_by = alarm_kinds(device)
    for name, size in sorted(device.list_files(FOLDER).items()):
        if not name.endswith(SUFFIX) or size is None:
            continue
        alarm = name.removesuffix(SUFFIX)
        known = [one for one in (f"{badge}-{alarm}", f"{UNKNOWN}-{alarm}") if one in there.names]
        if known:
            pulled.known.extend(known)
            continue

        def progress(done: int, total: int, name: str = name) -> None:
            if tell is not None:
                tell(name, done, total)

        try:
            window = parse_window(name, device.get_file(f"{FOLDER}/{name}", progress))
        except DamagedWindowError as damaged:
            pulled.problems.append(damaged.sentence)
            continue
        trial = f"{window.badge or UNKNOWN}-{alarm}"
        if trial in there.names:
            pulled.known.append(trial)
            continue
        said = "alarm" if window.seen is None else kinds.of(window.seen.kind).name
        kind = raised_by.get((window.boot, window.seq), said)
        pulled.saved.append(there.add(window, kind))
    return pulled


def read_events(device: Device) -> list[tuple[int, int, str]]:
    """The badge's event journal: (number, boot, text), oldest first."""
    events: list[tuple[int, int, str]] = []
    start: int | None = 0
    while start is not None:
        page = device.request("log", **{"from": start})
        events += [(int(n), int(boot), str(text)) for n, boot, text in page["records"]]
        start = page["next"]
    return events


def alarm_kinds(device: Device) -> dict[tuple[int, int], str]:
    """What raised each alarm that the event journal still knows, by the name of its kind."""
    found = {}
    for _number, _boot, text in read_events(device):
        event = parse_event(f"# {text}")
        if event is not None and event.alarm is not None and "kind" in event.fields:
            found[event.alarm] = event.fields["kind"]
    return found
