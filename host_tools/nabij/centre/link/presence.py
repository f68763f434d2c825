"""Hears from the broker who connects and who goes, and has it end who is revoked."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NoMessageError

from nabij.centre.link.door import CLOSE_S, LOST, Door, LostError, end, keep_open
from nabij.centre.watch.connections import Connection, ConnectionWatch

# What the server sends to who belongs to its system account, of all that MQTT is for.
_CONNECTED: Final = "$SYS.ACCOUNT.$G.CONNECT"
_DISCONNECTED: Final = "$SYS.ACCOUNT.$G.DISCONNECT"
_SERVERS: Final = "$SYS.REQ.SERVER.PING"
_WHO_IS_THERE: Final = "$SYS.REQ.SERVER.{}.CONNZ"
_END: Final = "$SYS.REQ.SERVER.{}.KICK"
# A server takes seconds to read a long list again, and does not end who is revoked until then.
_REVOKED_S: Final = 0.5
_OPEN, _CLOSED = 0, 1
_PAGE: Final = 1024
_ANSWER_S: Final = 5.0
# Who goes while we turn pages moves the others to earlier pages, so we ask again; not for ever.
_MOST_ASKED: Final = 5
# A server that takes longer for a round trip is not one that tells us in time.
IN_SIGHT_S: Final = 2

_log = logging.getLogger("nabij.link")


class Presence:
    """Keeps `watch` up to date, and has connections of who is revoked ended.

    `came` gets who connected, and when (ms since 1970 UTC);
    `twice` gets a badge for whose client id two connections fight, and from where.
    """

    def __init__(
        self,
        door: Door,
        watch: ConnectionWatch,
        came: Callable[[dict[str, int]], Awaitable[None]],
        twice: Callable[[str, list[str]], Awaitable[None]] | None = None,
    ) -> None:
        self._door = door
        self._watch = watch
        self._came = came
        self._twice = twice
        self._fights: set[str] = set()
        self._untold: dict[str, int] = {}
        self._servers: frozenset[str] = frozenset()
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(keep_open(self._door, self._serve), name="nabij-presence")

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""
        await end(self._task)

    async def look(self) -> frozenset[str] | None:
        """The badges that are connected now; None when that cannot be told."""
        client = self._client
        if client is None:
            return None
        try:
            await client.flush(IN_SIGHT_S)
            if len(self._servers) > 1 and await _servers(client) != self._servers:
                # One is gone without a word, or new: whom they have is asked anew.
                await asyncio.wait_for(client.close(), CLOSE_S)
        except (LostError, *LOST):
            return None
        return None if self._client is not client else self._watch.present

    async def _serve(self, client: Client) -> None:
        events: asyncio.Queue[Msg] = asyncio.Queue()

        async def arrived(message: Msg) -> None:
            events.put_nowait(message)

        try:
            for subject in (_CONNECTED, _DISCONNECTED):
                await client.subscribe(subject, cb=arrived)
            self._servers = await _servers(client)
            there = await self._ask_until_nobody_goes(client, events)
            ended = []
            for server in self._servers:
                ended += _connections(server, await _page(client, server, _CLOSED, 0))
            await self._tell(self._watch.begin(there, ended))
            heard = _all_of(events)
            while True:
                await self._tell(self._take(heard))
                self._client = client
                await self._end_revoked(client)
                heard = await _next_of(events)
        finally:
            self._client = None

    async def _end_revoked(self, client: Client) -> None:
        for one in self._watch.revoked():
            request = json.dumps({"cid": one.number}).encode()
            # The server does nothing without a place for its answer, which says nothing.
            await client.publish(_END.format(one.server), request, reply=client.new_inbox())

    async def _tell(self, came: dict[str, int]) -> None:
        # Kept until it is taken: the watch knows them now, and they do not come again.
        self._untold |= came
        if self._untold:
            await self._came(dict(self._untold))
            self._untold.clear()
        while self._fights:
            badge = self._fights.pop()
            if self._twice is not None:
                await self._twice(badge, self._watch.places(badge))

    def _take(self, messages: Iterable[Msg]) -> dict[str, int]:
        came: dict[str, int] = {}
        for message in messages:
            event = json.loads(message.data)
            client = event["client"]
            connection = Connection(
                int(client["id"]),
                str(client["start"]),
                str(client.get("user", "")),
                str(client.get("client_id", "")),
                str(client.get("host", "")),
                str(event["server"]["id"]),
            )
            if message.subject == _CONNECTED:
                came |= self._watch.opened(connection)
            else:
                badge = self._watch.closed(connection, str(event.get("reason", "")))
                if badge is not None:
                    self._fights.add(badge)
        return came

    async def _ask_until_nobody_goes(
        self, client: Client, events: asyncio.Queue[Msg]
    ) -> list[Connection]:
        gone = 0
        for _ in range(_MOST_ASKED):
            there = [one for server in self._servers for one in await _everybody(client, server)]
            await client.flush(IN_SIGHT_S)
            heard = _all_of(events)
            for message in heard:
                events.put_nowait(message)
            before, gone = gone, sum(message.subject == _DISCONNECTED for message in heard)
            if gone == before:
                break
        return there


async def _next_of(events: asyncio.Queue[Msg]) -> list[Msg]:
    """What there is, as soon as there is something; none after a while."""
    try:
        first = await asyncio.wait_for(events.get(), _REVOKED_S)
    except TimeoutError:
        return []
    return [first, *_all_of(events)]


def _all_of(events: asyncio.Queue[Msg]) -> list[Msg]:
    return [events.get_nowait() for _ in range(events.qsize())]


async def _servers(client: Client) -> frozenset[str]:
    """The ids of the servers that answer; of one that has no others, its own."""
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    found: set[str] = set()
    try:
        await client.publish(_SERVERS, reply=inbox)
        end_s = asyncio.get_running_loop().time() + IN_SIGHT_S
        while (left_s := end_s - asyncio.get_running_loop().time()) > 0:
            answer = json.loads((await subscription.next_msg(left_s)).data)
            found.add(str(answer["server"]["id"]))
            if len(found) >= answer["statsz"]["active_servers"]:
                break
    except NoMessageError:
        # One that is frozen: what it has is not in sight.
        pass
    finally:
        await subscription.unsubscribe()
    if not found:
        raise LostError("The broker does not say which servers there are.")
    return frozenset(found)


async def _everybody(client: Client, server: str) -> list[Connection]:
    found: list[Connection] = []
    offset = 0
    while True:
        page = await _page(client, server, _OPEN, offset)
        found += _connections(server, page)
        offset += _PAGE
        if offset >= page["total"]:
            return found


async def _page(client: Client, server: str, state: int, offset: int) -> dict[str, Any]:
    query: dict[str, Any] = {"auth": True, "limit": _PAGE, "offset": offset, "state": state}
    if state == _CLOSED:
        # The newest first.
        query["sort"] = "stop"
    asked = _WHO_IS_THERE.format(server)
    answer = await client.request(asked, json.dumps(query).encode(), timeout=_ANSWER_S)
    page = json.loads(answer.data).get("data")
    if not isinstance(page, dict):
        raise LostError("The broker does not say who is connected.")
    return page


def _connections(server: str, page: dict[str, Any]) -> list[Connection]:
    return [
        Connection(
            int(one["cid"]),
            str(one["start"]),
            str(one.get("authorized_user", "")),
            str(one.get("mqtt_client", "")),
            str(one.get("ip", "")),
            server,
        )
        for one in page["connections"]
    ]
