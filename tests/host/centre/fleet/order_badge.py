"""A badge as a fleet's jobs see it: it takes orders and has settings, and no firmware."""

import json
from pathlib import Path
from typing import Any

from badge.core.codec import order as codec
from badge.core.codec.wire import TYPE_ORDER
from tests.host.centre.badge_client import BadgeClient


class OrderBadge:
    """Takes settings and is well with them at once, or goes back (`is_bad`)."""

    def __init__(self, folder: Path, port: int, *, is_bad: bool = False) -> None:
        self.client = BadgeClient(folder, port=port)
        self.client.on_order = self._take
        self.settings: dict[str, Any] = {"profile": "discreet"}
        self.verbs: list[str] = []
        # Settings were sent and it restarts: as long as `stays` it does not answer.
        self.stays = False
        self._is_bad = is_bad
        self._boot = 40
        self._last = 0
        self._trial: dict[str, Any] | None = None
        self._reverted: str | None = None

    def _take(self, frame: bytes) -> None:
        order = codec.decode(self.client.key, TYPE_ORDER, frame)
        if self._trial is not None and self.stays:
            return
        code, body = "order.boot", ""
        if order.boot == self._boot:
            self._last = order.number
            self.verbs.append(order.verb)
            code, body = "", json.dumps(self._done(order.verb, json.loads(order.fields)))
        answer = codec.Answer(
            self.client.badge, self._boot, order.number, code, body.encode(), self._last
        )
        if order.verb == "config.stage" and not code:
            self._boot, self._last = self._boot + 1, 0
        sealed = codec.encode(self.client.key, codec.TYPE_ANSWER, answer)
        self.client.publish(sealed)

    def _done(self, verb: str, fields: dict[str, Any]) -> dict[str, Any]:
        if verb == "config.stage":
            self._reverted = "crash" if self._is_bad else None
            self._trial = None if self._is_bad else fields["settings"]
            return {"confirm_within_ms": 180_000}
        if verb == "config.commit":
            assert self._trial is not None
            self.settings, self._trial = self._trial, None
            return {}
        now = self.settings if self._trial is None else self._trial
        return {
            "profile": now["profile"],
            "settings": now,
            "given": [name for name in now if name != "profile"],
            "next": None,
            "trial": "none" if self._trial is None else "running",
            "why_not": "",
            "reverted": self._reverted,
        }
