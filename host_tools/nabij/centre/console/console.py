"""The console of a receiver: its server, on a port of its own, in the receiver's event loop."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import sqlalchemy as sa
import uvicorn

from nabij.centre.console import app, served
from nabij.centre.console.address import CONSOLE, Address
from nabij.centre.console.connections import Impatient
from nabij.centre.console.entry import Entry
from nabij.centre.console.forms import pages
from nabij.centre.console.live import Live
from nabij.centre.console.passkey_entry import PasskeyEntry
from nabij.centre.console.passwords import Passwords
from nabij.centre.console.throttle import Throttle
from nabij.centre.console.visitors import Visitors
from nabij.centre.database import schema
from nabij.centre.health.status import Status
from nabij.centre.incidents.news import News
from nabij.centre.people import accounts
from nabij.centre.people.roles import Role
from nabij.centre.recurring import Job
from nabij.centre.serving import Kept, listen_at, watching
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.paths import StatePaths

FIRST_LOGIN: Final = "administrator"
_LAST: Final = sa.select(sa.func.coalesce(sa.func.max(schema.event.c.id), 0))


class Receiver(Protocol):
    """What the console needs of the receiver beside which it runs."""

    store: Store
    paths: StatePaths

    async def look(self) -> Status: ...

    def tell(self, news: tuple[int, ...], /) -> None: ...


class Console:
    """Serves pages, API and stream at one address; `hear` is for the receiver's listeners."""

    def __init__(self, address: Address, say: Callable[[str], None]) -> None:
        self._address = address
        self._say = say
        self._live = Live(self._last)
        self._kept: Kept | None = None

    def hear(self, _news: News) -> None:
        """Something happened: pages fetch it."""
        self._live.changed()

    def look_again(self) -> None:
        """Something changed that is no event. For any thread; waits for nothing."""
        self._live.changed()

    def renew(self) -> None:
        """Show the certificate that its files have now, to whoever connects from now on."""
        if self._kept is not None:
            served.renew(self._kept.config)

    def job(self, _receiver: object) -> Job:
        """What has to recur: whether pages are served."""
        return watching(
            "nabij-console",
            lambda: self._kept,
            "The console is not served",
            "The console is served again.",
        )

    async def start(self, receiver: Receiver) -> None:
        """Begin; NabijError for a port that cannot be had. Says how to get in the first time."""
        address, self._store = self._address, receiver.store
        self._worker = Worker("nabij-console")
        self._passwords = Passwords()
        page = pages()
        visitors = Visitors(self._store, self._worker)
        throttle = Throttle()
        self._checks = Worker("nabij-passkeys")
        keys = PasskeyEntry(visitors, self._passwords, throttle, self._checks)
        entry = Entry(
            store=self._store,
            worker=self._worker,
            visitors=visitors,
            passwords=self._passwords,
            throttle=throttle,
            page=page,
            passkeys=keys,
        )
        uses = app.Uses(
            store=self._store,
            worker=self._worker,
            live=self._live,
            entry=entry,
            visitors=visitors,
            page=page,
            tell=receiver.tell,
            look=receiver.look,
        )
        name = f"--console {address}"
        listen = partial(listen_at, address.host, address.port, address.family, name)
        self._kept = Kept(self._config(uses, receiver.paths), listen, name)
        self._kept.start()
        self._live.start()
        await self._invite_first()

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        self._live.stop()
        await kept.stop()
        self._worker.close(served.STOP_S)
        self._passwords.close()
        self._checks.close(served.STOP_S)

    def _config(self, uses: app.Uses, paths: StatePaths) -> uvicorn.Config:
        own = (paths.pki / "server.pem", paths.pki / "server.key")
        return served.config(app.build(uses), Impatient, self._address.files or own, CONSOLE)

    async def _last(self) -> int:
        read = self._store.read
        return int(
            await self._worker.run(lambda: read(lambda one: one.execute(_LAST).scalar_one()))
        )

    async def _invite_first(self) -> None:
        """There is no default password: a link makes the first one."""
        write = self._store.write
        now_ms = time.time_ns() // 1_000_000
        token = await self._worker.run(lambda: write(lambda one: _first(one, now_ms)))
        if token is not None:
            link = f"https://{self._address}/invite/{token}"
            self._say(
                f"Nobody can administer the console yet: open {link} "
                f"within a day and set the password of the account {FIRST_LOGIN}."
            )


def _first(connection: sa.Connection, now_ms: int) -> str | None:
    if accounts.has_administrator(connection):
        return None
    account = accounts.find(connection, FIRST_LOGIN)
    if account is None:
        account = accounts.add(connection, FIRST_LOGIN, Role.ADMINISTRATOR, now_ms)
    return accounts.invite(connection, account.id, now_ms)
