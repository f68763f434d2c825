"""Where each service writes text, sender, id and time; and what is no text that came in."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.sms.forms import NoMessageError, read
from nabij.centre.sms.signatures import Post
from tests.host.centre.sms.posting import NAMES, URL, Sent, post

NOW_S = 1_790_000_000.25
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["data", "payload", "text", "from", "id"]), inner),
    ),
)


def whole(name: str, sent: Sent) -> Post:
    return Post(URL + name, sent.headers, sent.body)


@pytest.mark.parametrize("name", NAMES)
def test_text_sender_id_and_time_are_found(name: str) -> None:
    found = read(name, whole(name, post(name, "N1 AB", NOW_S, number="7")))
    assert found.text == "N1 AB"
    assert found.arrival.service == name
    assert found.arrival.message_id.endswith("7")
    assert found.arrival.sender.endswith("31612345678")
    assert found.arrival.sent_ms == (None if name == "twilio" else round(NOW_S * 1000))


def test_a_time_of_vonage_is_of_utc_in_whichever_form() -> None:
    body = {"channel": "sms", "message_type": "text", "text": "N1 A", "message_uuid": "1"}
    for at in ("2026-11-30 03:14:15 UTC", "2026-11-30T03:14:15Z", "2026-11-30T04:14:15+01:00"):
        sent = Sent({}, json.dumps(body | {"timestamp": at}).encode())
        found = read("vonage", whole("vonage", sent)).arrival.sent_ms
        assert found is not None
        assert time.gmtime(found / 1000)[:6] == (2026, 11, 30, 3, 14, 15)
    for no_time in ("yesterday", 5, None):
        sent = Sent({}, json.dumps(body | {"timestamp": no_time}).encode())
        assert read("vonage", whole("vonage", sent)).arrival.sent_ms is None


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("telnyx", {"data": {"event_type": "message.sent", "payload": {"text": "N1", "id": "1"}}}),
        ("vonage", {"channel": "whatsapp", "message_type": "text", "text": "N1"}),
        ("vonage", {"status": "delivered", "message_uuid": "1"}),
        ("standard", {"text": 5}),
        ("standard", ["text"]),
    ],
)
def test_what_is_no_message_that_came_in_is_none(name: str, body: object) -> None:
    with pytest.raises(NoMessageError):
        read(name, whole(name, Sent({"webhook-id": "1"}, json.dumps(body).encode())))


@pytest.mark.parametrize("number", ["", "x" * 101, "a\nb"])
def test_an_id_that_cannot_be_kept_is_none(number: str) -> None:
    sent = Sent({"webhook-id": number}, b'{"text":"N1 A"}')
    with pytest.raises(NoMessageError):
        read("standard", whole("standard", sent))


@given(st.sampled_from(NAMES), st.one_of(st.binary(max_size=100), JSON))
def test_whatever_a_service_signs_breaks_nothing(name: str, content: object) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    try:
        found = read(name, whole(name, Sent({"webhook-id": "1"}, body)))
    except NoMessageError:
        return
    assert isinstance(found.text, str)


def test_a_body_nested_without_end_is_none() -> None:
    with pytest.raises(NoMessageError):
        read("standard", whole("standard", Sent({"webhook-id": "1"}, b"[" * 15_000)))
