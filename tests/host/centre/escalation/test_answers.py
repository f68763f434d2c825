"""A link in a message: shown without effect, done once, ends, and nobody else's."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.database import claims, people_schema
from nabij.centre.escalation import links
from nabij.centre.escalation.answer_server import AnswerServer
from nabij.centre.escalation.links import Link
from nabij.centre.escalation.pages import AnswerPages
from nabij.centre.incidents.merge import What
from nabij.centre.people import accounts
from nabij.centre.people.roles import Role
from nabij.centre.worker import LoopThread
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World, message
from tests.host.centre.escalation.rig import Rig, Webhook, plan, silent_port
from tests.ports import free_port
from tests.waiting import LONG_S

pytestmark = pytest.mark.usefixtures("each_engine")

LAST = 'after_s = 120, whom = "desk"'


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


@pytest.fixture
def rig(world: World, hook: Webhook) -> Iterator[Rig]:
    people = {one: {"sms": hook.url(one)} for one in ("smit", "jansen", "desk")}
    steps = '{ after_s = 0, whom = "smit" }, { after_s = 0, whom = "jansen" }'
    with Rig(world, plan(people, steps, LAST)) as rig:
        yield rig


@pytest.fixture
def site(rig: Rig) -> Iterator[httpx.Client]:
    port = free_port()
    server = AnswerServer(AnswerPages(rig.uses), port)
    loop = LoopThread()
    loop.run(server.start())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=LONG_S) as client:
        yield client
    loop.run(server.stop())
    loop.close()


def alarm(rig: Rig, hook: Webhook, **fields: int) -> dict[str, str]:
    """The address of the link that each person got."""
    rig.world.take(message(**{"kind": SOS, **fields}))
    rig.happens()
    rig.settle()
    return links_of(hook)


def links_of(hook: Webhook) -> dict[str, str]:
    """The address of the newest link of each person."""
    found = {}
    for one in hook.got:
        link = re.search(r"https://alarm\.example\.org(/answer/\S+)", one["message"])
        assert link is not None
        found[one["path"][1:]] = link[1]
    return found


def owner(world: World) -> str | None:
    found = world.store.read(lambda one: claims.find(one, 1))
    return None if found is None else found.owner


def test_fetching_a_link_does_nothing_and_says_what_would_happen(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    """As a scanner of mail does, with each link of the page."""
    link = alarm(rig, hook)["smit"]
    for _ in range(3):
        page = site.get(link)
        assert page.status_code == 200
        assert "It is yours for 15 minutes" in page.text
        assert site.head(f"{link}/take").status_code in {404, 405}
        assert site.get(f"{link}/take").status_code in {404, 405}
    assert owner(rig.world) is None
    assert rig.world.heard() == []
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_who_takes_it_has_it_and_the_wearer_hears_taken_then_help(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    sent = alarm(rig, hook)
    assert "It is yours for 15 minutes" in site.post(f"{sent['smit']}/take").text
    assert owner(rig.world) == "Smit"
    assert [one.state for one in rig.world.store.owed()] == [wire.STATUS_TAKEN]
    page = site.get(sent["smit"]).text
    assert "You have it until" in page
    assert "I take it" not in page
    assert site.post(f"{sent['smit']}/help").status_code == 200
    assert [one.state for one in rig.world.store.owed()] == [wire.STATUS_HELP_COMING]
    assert rig.world.heard() == [What.TAKEN, What.HELP_COMING]
    other = site.get(sent["jansen"]).text
    assert "Smit has it until" in other
    assert "<button>" not in other
    assert site.post(f"{sent['jansen']}/take").status_code == 409
    assert owner(rig.world) == "Smit"


def test_under_duress_the_badge_is_told_no_more_than_the_receipt(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    sent = alarm(rig, hook, flags=wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS)
    site.post(f"{sent['smit']}/take")
    site.post(f"{sent['smit']}/help")
    assert [one.state for one in rig.world.store.owed()] == [wire.STATUS_RECEIVED]


@on_sqlite
def test_a_link_is_used_once(rig: Rig, hook: Webhook, site: httpx.Client) -> None:
    link = alarm(rig, hook)["smit"]
    assert site.post(f"{link}/take").status_code == 200
    assert site.post(f"{link}/take").status_code == 409
    rig.world.clock.wait(16 * 60)
    again = site.post(f"{link}/take")
    assert again.status_code == 409
    assert "can be used once" in again.text


@on_sqlite
def test_who_cannot_come_brings_the_next_step_forward(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    sent = alarm(rig, hook)
    assert "Others are called" in site.post(f"{sent['jansen']}/cannot").text
    assert owner(rig.world) is None
    rig.settle()
    assert "/desk" in hook.paths()
    # Nobody comes after the desk: who has not said no is called from the beginning, at once.
    assert "Others are called" in site.post(f"{links_of(hook)['desk']}/cannot").text
    hook.got.clear()
    rig.settle()
    assert hook.paths() == ["/smit"]
    # All three cannot come: that is told, and the last step is called again a minute later.
    assert "NOBODY ELSE" in site.post(f"{links_of(hook)['smit']}/cannot").text
    rig.happens()
    assert [one.what for one in rig.news].count(What.UNANSWERED) == 1
    assert hook.paths() == ["/smit"]
    rig.wait(61)
    assert hook.paths() == ["/smit", "/desk"]


def test_a_link_is_good_at_each_receiver_of_the_database(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    """`site` signed nothing: what it knows is in the database."""
    earlier = bytes(range(32))
    paths = StatePaths(rig.world.folder)
    paths.answer_key.write_bytes(earlier)
    links.adopt(paths, rig.world.store)
    assert not paths.answer_key.exists()
    assert rig.world.store.write(links.secret_of) == earlier
    paths.answer_key.write_bytes(bytes(32))
    links.adopt(paths, rig.world.store)
    assert rig.world.store.write(links.secret_of) == earlier
    assert site.get(alarm(rig, hook)["smit"]).status_code == 200


@on_sqlite
def test_who_took_it_and_cannot_go_on_gives_it_back(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    link = alarm(rig, hook)["smit"]
    site.post(f"{link}/take")
    site.post(f"{link}/cannot")
    assert owner(rig.world) is None
    rig.happens()
    rig.settle()
    assert hook.paths().count("/smit") == 2


@on_sqlite
def test_what_is_closed_takes_no_answer(rig: Rig, hook: Webhook, site: httpx.Client) -> None:
    link = alarm(rig, hook)["smit"]
    rig.world.centre(rig.world.incident(), wire.STATUS_CLOSED)
    assert "It is over" in site.get(link).text
    assert site.post(f"{link}/take").status_code == 409


@on_sqlite
def test_a_link_ends(rig: Rig, hook: Webhook, site: httpx.Client) -> None:
    link = alarm(rig, hook)["smit"]
    rig.world.clock.wait(links.LASTS_MS / 1000)
    assert "has ended" in site.get(link).text
    assert site.post(f"{link}/take").status_code == 404
    assert owner(rig.world) is None


@on_sqlite
def test_a_link_that_we_did_not_sign_is_nobodys(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    link = alarm(rig, hook)["smit"]
    token = link.rpartition("/")[2]
    row, until, signature = token.split("-", 2)
    other = links.sign(bytes(32), Link(int(row, 16), int(until, 16)))
    forged = [
        other,
        f"{int(row, 16) + 1:x}-{until}-{signature}",
        f"{row}-{int(until, 16) + 1:x}-{signature}",
        f"{row}-{until}-{signature}A",
        f"{row}-{until}-",
        "x",
        "--",
        "%00",
        "%2e%2e",
        "é",
        "<b>",
        token * 50,
    ]
    for one in forged:
        answer = site.post(f"/answer/{one}/take")
        assert answer.status_code == 404, one
        assert one not in answer.text or len(one) < 3
    assert site.post(f"{link}/remove").status_code == 409
    assert owner(rig.world) is None


@on_sqlite
def test_who_has_an_account_has_it_under_that_name_by_a_link_too(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    """Or the console would tell them that somebody else has what they took."""
    person = sa.select(people_schema.person.c.id).where(people_schema.person.c.key == "smit")
    rig.world.store.write(
        lambda one: accounts.add(
            one,
            "js",
            Role.OPERATOR,
            0,
            name="Jan Smit",
            person_id=one.execute(person).scalar_one(),
        )
    )
    assert site.post(f"{alarm(rig, hook)['smit']}/take").status_code == 200
    assert owner(rig.world) == "Jan Smit"


@on_sqlite
def test_a_name_with_mark_up_is_text(rig: Rig, hook: Webhook, site: httpx.Client) -> None:
    named = sa.text("UPDATE badge SET wearer = '<script>x</script>'")
    rig.world.store.write(lambda one: one.execute(named))
    page = site.get(alarm(rig, hook)["smit"]).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@on_sqlite
def test_a_port_that_somebody_has_is_one_sentence(rig: Rig) -> None:
    with silent_port() as port:
        server = AnswerServer(AnswerPages(rig.uses), port)
        with pytest.raises(NabijError, match=f"--answer-port {port}"):
            asyncio.run(server.start())


@on_sqlite
def test_the_pages_are_in_dutch_for_a_telephone_that_prefers_it(
    rig: Rig, hook: Webhook, site: httpx.Client
) -> None:
    site.headers["accept-language"] = "nl-NL,nl;q=0.9,en;q=0.5"
    mine = alarm(rig, hook)["smit"]
    page = site.get(mine).text
    assert '<html lang="nl">' in page
    assert "Ik neem het" in page
    assert "Ik kan niet komen" in page
    assert "geleden" in page
    assert " ago" not in page
    assert "Het is van u voor 15 minuten." in site.post(f"{mine}/take").text
    other = site.get(links_of(hook)["jansen"]).text
    assert "Smit heeft het tot" in other
    refused = site.post(f"{links_of(hook)['jansen']}/take")
    assert (refused.status_code, "Dat kan niet" in refused.text) == (409, True)
    assert "niet van deze ontvanger" in site.get("/answer/x").text
