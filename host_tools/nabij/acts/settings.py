"""A badge's settings: read, and sent to be tried for one start."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nabij.acts.act import Act, Request

WHY_BACK: Final = {
    "crash": "a part of the firmware failed with them",
    "link": "its link did not come back with them",
    "unconfirmed": "they were not confirmed in time",
    "restart": "it started again before they were confirmed",
    "asked": "that was asked for",
    "flash": "it could not write its flash",
}
WAITING: Final = {
    "settling": "the badge settles",
    "link": "waiting for its link",
    "crash": "a part of the firmware failed",
}


@dataclass(frozen=True)
class OnBadge:
    """The settings that a badge runs with.

    A badge with silent alarms says of a trial only to who has shown the service key.
    """

    profile: str
    settings: dict[str, Any]
    # Those of them that it was sent.
    given: dict[str, Any]
    # "none", "staged" or "running"; None when it was not told.
    trial: str | None
    # Why settings on trial cannot be confirmed yet, "" when they can.
    why_not: str
    left_ms: int
    # Why the badge dropped the last trial; None when it did not.
    reverted: str | None


def read() -> Act[OnBadge]:
    """The settings that run on the badge."""
    settings: dict[str, Any] = {}
    given: list[str] = []
    start: int | None = 0
    while start is not None:
        page = yield Request("config.get", {"start": start})
        settings.update(page["settings"])
        given += page["given"]
        start = page["next"]
    return OnBadge(
        profile=page["profile"],
        settings=settings,
        given={"profile": page["profile"], **{name: settings[name] for name in given}},
        trial=page.get("trial"),
        why_not=page.get("why_not", ""),
        left_ms=page.get("left_ms", 0),
        reverted=page.get("reverted"),
    )


def stage(settings: Mapping[str, Any], most_bytes: int) -> Act[int]:
    """Send them, `most_bytes` a request; ms within which they must be confirmed.

    The badge restarts and tries them.
    """
    parts = list(_parts(settings, most_bytes))
    for number, part in enumerate(parts):
        more = number + 1 < len(parts)
        fields = {"settings": part, "part": number, "more": more}
        answer = yield Request("config.stage", fields)
    return int(answer["confirm_within_ms"])


def confirm() -> Act[None]:
    """Put the settings on trial in force."""
    yield Request("config.commit")


def _parts(settings: Mapping[str, Any], most_bytes: int) -> Iterator[dict[str, Any]]:
    part: dict[str, Any] = {}
    for name, value in settings.items():
        if len(json.dumps({**part, name: value})) > most_bytes:
            yield part
            part = {}
        part[name] = value
    yield part
