"""An intake with a database, without a broker, that text messages come to."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from badge.core.alarm import kinds
from badge.core.codec import sms_text, wire
from nabij.centre.incidents import by_sms
from nabij.centre.incidents.by_sms import BySms
from nabij.centre.incidents.incident import Incident
from nabij.centre.link.incoming import Incoming, Outcome
from nabij.centre.link.intake import Intake
from nabij.centre.sms import settings
from nabij.centre.sms.settings import Service
from nabij.centre.sms.taking import Taking
from nabij.centre.sms.webhook import Webhook
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.deadline_world import KEY, START_MS, World
from tests.host.centre.sms.posting import SECRETS, URL, Sent

NUMBER = "+31612345678"
NOW_S = START_MS / 1000


def text(seq: int = 1, *, key: bytes = KEY, badge: str = "anna", **fields: Any) -> str:
    """An alarm of a badge as a text message."""
    fields = {"kind": kinds.SOS, "age_ms": 0, "rev": 1, **fields}
    return str(sms_text.encode(wire.encode_alarm(key, badge, 1, seq, **fields)))


class House:
    """`world` with all services set, and a badge whose number is known."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.intake = Intake(
            world.store, world.clock, Backlog(world.clock.now(), None), self.said.append
        )
        world.store.write(self._set)
        self.services: Mapping[str, Service] = world.store.read(settings.read).services

    def incidents(self) -> list[Incident]:
        return self.world.store.incidents()

    def came(self) -> list[BySms]:
        found = self.world.store.read(lambda one: by_sms.of(one, None))
        return [one for those in found.values() for one in those]

    def post_all(self, name: str, posts: Sequence[Sent], **how: Any) -> list[httpx.Response]:
        """What the service is answered, one after the other."""
        return asyncio.run(self._post_all(name, posts, **how))

    def post(self, name: str, sent: Sent, **how: Any) -> httpx.Response:
        [response] = self.post_all(name, [sent], **how)
        return response

    async def bring(self, messages: Sequence[Incoming]) -> list[Outcome]:
        return self.intake.take_all(messages)

    async def _post_all(
        self, name: str, posts: Sequence[Sent], *, method: str = "POST", path: str = ""
    ) -> list[httpx.Response]:
        taking = Taking(self.bring, asyncio.get_running_loop())
        webhook = Webhook(
            lambda: self.services,
            taking,
            lambda *one: self.refused.append(one),
            lambda: self.world.clock.now().wall_ms / 1000,
        )
        self.counts = webhook.counts
        transport = httpx.ASGITransport(webhook)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return [
                await client.request(
                    method, path or f"/sms/{name}", headers=one.headers, content=one.body
                )
                for one in posts
            ]

    def _set(self, connection: Any) -> None:
        for name, secret in SECRETS.items():
            settings.keep_service(connection, name, URL + name, secret, None)
        settings.keep_number(connection, "anna", NUMBER)
