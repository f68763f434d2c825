"""A receiver with its console, people in all roles, and a client that logs in as one of them."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from argon2 import PasswordHasher

from nabij.centre.console.address import Address
from nabij.centre.console.console import Console
from nabij.centre.console.guard import COOKIE, form_token
from nabij.centre.handover import handover
from nabij.centre.people import accounts, assignments, persons, sessions
from nabij.centre.people.persons import Contact, Wanted
from nabij.centre.people.roles import Role
from nabij.centre.register.enrol import enrol
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk
from tests.ports import free_port

PASSWORD = "correct horse battery"
# As weak as argon2 lets it be: what a log-in costs has a test of its own.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
MARKUP = "<b>A. de Vries</b>"
NOW_MS = 1_790_000_000_000


def console_desk(state: Path, address: Address) -> Desk:
    """A receiver with a console and the hand-over to alarm centres, not yet started."""
    desk = Desk(state)
    console = Console(address, desk.said.put)
    desk.receiver.listen("console", console.hear)
    desk.receiver.watch(console.look_again)
    desk.receiver.recur(console.job)
    desk.receiver.attach(console)
    handing = handover.Handover(desk.receiver, desk.said.put)
    desk.receiver.listen(handover.NAME, handing.hear)
    desk.receiver.attach(handing)
    desk.receiver.recur(lambda _receiver: handing.job())
    return desk


class ConsoleSite:
    """Teams North and South; Anna (North) wears badge a, Bert (South) b; c is nobody's."""

    def __init__(self, state: Path) -> None:
        self.port = free_port()
        for badge in ("a", "b", "c"):
            enrol(state, badge, port=free_port())
        self.desk = console_desk(state, Address("127.0.0.1", self.port))
        self.receiver = self.desk.receiver
        self.receiver.start()
        self.url = f"https://127.0.0.1:{self.port}"
        self.trust = ssl.create_default_context(cafile=state / "pki" / "ca.pem")
        self.store = self.receiver.store
        self.ids: dict[str, int] = {}
        self.store.write(self._people)

    def close(self) -> None:
        self.receiver.stop()

    def token(self, login: str) -> str:
        """A session of that account."""
        account = self.store.read(lambda one: accounts.find(one, login))
        assert account is not None
        now_ms = self.desk.clock.now().wall_ms
        return self.store.write(lambda one: sessions.begin(one, account.id, now_ms))

    def client(self, login: str | None = None, **headers: str) -> httpx.Client:
        """As a page of the console, logged in or not."""
        given = {"origin": self.url, "sec-fetch-site": "same-origin"}
        cookies = {}
        if login is not None:
            token = self.token(login)
            given["x-form-token"] = form_token(token)
            cookies[COOKIE] = token
        return httpx.Client(
            base_url=self.url,
            verify=self.trust,
            cookies=cookies,
            headers={**given, **headers},
            timeout=LONG_S,
        )

    def squeeze(self, badge: str, seq: int = 1, **options: Any) -> int:
        """A real alarm of a badge; the id of its incident."""
        self.said_to(badge, seq, **options)
        return max(one.id for one in self.store.incidents(badge))

    def said_to(self, badge: str, seq: int, **options: Any) -> int:
        """What a badge is answered to its alarm: a state."""
        client = self.desk.badge(badge)
        client.connect()
        try:
            client.send(seq, **options)
            status = client.wait_status(seq, LONG_S)
        finally:
            client.close()
        assert status is not None
        return int(status.state)

    def write(self, work: Callable[[sa.Connection], Any]) -> Any:
        return self.store.write(work)

    def _people(self, one: sa.Connection) -> None:
        depot = persons.add_site(one, "Depot", "Kade 1, Delft")
        north = persons.add_team(one, "North", depot.id, "Call the guard, then go there by two.")
        south = persons.add_team(one, "South")
        anna = persons.add(one, Wanted(MARKUP, north.id, phone="+31 6 1234"))
        bert = persons.add(one, Wanted("Bert Bos", south.id))
        persons.set_contacts(
            one, anna.id, [Contact("Guard", "ext. 12"), Contact("Ada", "+31 6 2")]
        )
        assignments.hand_out(one, "a", anna.id, NOW_MS - 1_000_000_000, "test")
        assignments.hand_out(one, "b", bert.id, NOW_MS - 1_000_000_000, "test")
        for login, role, person in (
            ("smit", Role.OPERATOR, None),
            ("jansen", Role.OPERATOR, None),
            ("chief", Role.SUPERVISOR, None),
            ("worker", Role.WORKER, anna.id),
            ("root", Role.ADMINISTRATOR, None),
        ):
            made = accounts.add(one, login, role, NOW_MS, person_id=person)
            token = accounts.invite(one, made.id, NOW_MS)
            accounts.accept(one, token, _HASH, NOW_MS)
            self.ids[login] = made.id
        accounts.set_teams(one, self.ids["chief"], [south.id])
        self.ids |= {"anna": anna.id, "bert": bert.id, "north": north.id, "south": south.id}
