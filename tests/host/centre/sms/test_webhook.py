"""What services post becomes an incident once, and is answered when that is on the disk."""

import pytest
import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.sms.webhook import MOST_BODY
from tests.host.centre.databases import full_disk
from tests.host.centre.sms.house import NOW_S, NUMBER, House, text
from tests.host.centre.sms.posting import NAMES, Sent, post


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_that_a_service_posts_is_an_incident_that_says_how_it_came(
    house: House, name: str
) -> None:
    response = house.post(name, post(name, text(), NOW_S - 2))
    assert response.status_code == 200
    [incident], [came] = house.incidents(), house.came()
    assert (incident.badge, incident.kind_name) == ("anna", "sos")
    assert (came.service, came.sender, came.is_own) == (name, "678", True)
    assert f"came by SMS ({name})" in came.sentence()
    assert "from the number of the badge" in came.sentence()


def test_twilio_is_answered_with_nothing_to_send_back(house: House) -> None:
    response = house.post("twilio", post("twilio", text(), NOW_S))
    assert response.headers["content-type"] == "text/xml"
    assert response.text.endswith("<Response/>")


@pytest.mark.parametrize("name", NAMES)
def test_one_message_counts_once_however_often_it_is_posted(house: House, name: str) -> None:
    one = post(name, text(), NOW_S)
    answers = house.post_all(name, [one, one])
    house.world.wait(60)
    answers += house.post_all(name, [one])
    # The same alarm in another message is another way that it came.
    answers += house.post_all(name, [post(name, text(), NOW_S, number="two")])
    assert [response.status_code for response in answers] == [200] * 4
    assert len(house.incidents()) == 1
    assert len(house.came()) == 2


@pytest.mark.parametrize("name", NAMES)
def test_of_a_forged_post_nothing_is_kept_but_a_count(house: House, name: str) -> None:
    good = post(name, text(), NOW_S)
    forged = Sent(good.headers, good.body.replace(b"N1", b"N2"))
    before = kept(house)
    assert house.post(name, forged).status_code == 403
    assert kept(house) == before
    assert sum(house.counts.values()) == 1
    assert house.refused == [(name, house.refused[0][1])]
    assert house.refused[0][1] in {"signature", "hash of the body"}


def kept(house: House) -> list[int]:
    """How many rows each table has."""
    return house.world.store.read(
        lambda one: [
            one.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        ]
    )


def test_a_body_that_is_too_long_is_refused_before_it_is_read(house: House) -> None:
    for headers in ({}, {"content-length": str(10**9)}):
        sent = Sent(dict(headers), b"x" * (MOST_BODY + 1))
        assert house.post("twilio", sent).status_code == 413


def test_nothing_else_is_there(house: House) -> None:
    sent = post("twilio", text(), NOW_S)
    for path in ("/", "/sms/", "/sms/modem", "/sms/twilio/", "/api/incidents", "/twilio"):
        assert house.post("twilio", sent, path=path).status_code == 404
    assert house.post("twilio", sent, method="GET").status_code == 405
    assert house.incidents() == []


def test_a_database_that_cannot_keep_it_has_it_posted_again(house: House) -> None:
    """Whatever is answered with 2xx is on the disk."""
    posts = [post("standard", text(seq), NOW_S, number=f"{seq}") for seq in range(1, 101)]
    with full_disk(house.world.store):
        answers = house.post_all("standard", posts)
    refused = [one for one in answers if one.status_code == 503]
    assert refused
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)
    assert len(house.incidents()) == len(house.came()) == len(answers) - len(refused)
    assert {one.status_code for one in house.post_all("standard", posts)} == {200}
    assert len(house.incidents()) == len(house.came()) == 100


def test_what_nobody_can_have_meant_is_taken_and_forgotten(house: House) -> None:
    """Signed by the service, so posted again it would be the same: a stranger wrote it."""
    strange = [
        "Hello",
        "",
        "N1",
        "N1 A",
        "N1 " + "A" * 200,
        text(key=bytes(32)),
        text(badge="nobody"),
        text()[:-1],
        text().lower().replace("n1 ", "n1 a"),
    ]
    posts = [post("standard", one, NOW_S, number=f"{at}") for at, one in enumerate(strange)]
    assert {one.status_code for one in house.post_all("standard", posts)} == {200}
    assert house.incidents() == []
    assert house.came() == []
    assert sum(house.counts.values()) == len(strange)


def test_a_hello_does_not_come_by_sms(house: House) -> None:
    """It would count as heard, hours later."""
    from badge.core.codec import sms_text
    from tests.host.centre.deadline_world import KEY

    hello = wire.encode_hello(KEY, wire.Hello("anna", 1, 1, "0.1.0", 60, 80, (), *wire.NOWHERE))
    house.post("standard", post("standard", sms_text.encode(hello), NOW_S))
    assert not house.intake.asks("anna")
    assert house.counts["refused"] == 1


def test_the_sender_is_shown_and_decides_nothing(house: House) -> None:
    other = post("standard", text(1), NOW_S, sender="+32470000123")
    unknown = post("standard", text(2), NOW_S, sender="", number="two")
    house.post_all("standard", [other, unknown])
    assert len(house.incidents()) == 2
    first, second = house.came()
    assert (first.sender, first.is_own) == ("123", False)
    assert "ANOTHER number" in first.sentence()
    assert (second.sender, second.is_own) == ("", None)


def test_a_message_that_was_hours_under_way_opens_with_its_age(house: House) -> None:
    house.world.wait(3 * 3600)
    house.post("standard", post("standard", text(age_ms=5_000), NOW_S))
    # That was signed three hours ago: the window of the service is over.
    assert house.incidents() == []
    late = post("standard", text(age_ms=5_000), NOW_S + 3 * 3600)
    late_body = late.body.replace(iso(NOW_S + 3 * 3600), iso(NOW_S))
    house.post("standard", resigned(late_body, NOW_S + 3 * 3600))
    [incident], [came] = house.incidents(), house.came()
    assert incident.age_ms == 3 * 3600_000 + 5_000
    assert "3 h 0 min after it was sent" in came.sentence()
    assert NUMBER not in came.sentence()


def iso(at_s: float) -> bytes:
    """As a service writes it."""
    import datetime as dt

    return dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def resigned(body: bytes, at_s: float) -> Sent:
    """The body as the service signs it."""
    import base64
    import hashlib
    import hmac

    at = str(int(at_s))
    mac = hmac.new(b"s" * 32, f"late.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return Sent(
        {"webhook-id": "late", "webhook-timestamp": at, "webhook-signature": signature}, body
    )
