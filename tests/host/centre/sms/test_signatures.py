"""What services sign: taken whole, refused with any byte changed, too old, or of somebody else."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.sms.forms import FORMS
from nabij.centre.sms.signatures import ForgedError, Post, twilio
from tests.host.centre.sms.posting import NAMES, SECRETS, URL, Sent, jwt, post

NOW_S = 1_790_000_000.0
TEXT = "N1 ABCDEFGH"


def check(name: str, sent: Sent, *, now_s: float = NOW_S, url: str = "", secret: str = "") -> None:
    whole = Post(url or URL + name, sent.headers, sent.body)
    FORMS[name].verify(whole, (secret or SECRETS[name]).encode(), now_s)


def test_the_signature_of_twilios_own_page_is_taken() -> None:
    """https://www.twilio.com/docs/usage/security, with its token 12345."""
    body = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
        b"&To=%2B18005551212"
    )
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    twilio(Post(url, headers, body), b"12345", NOW_S)
    # Their libraries differ in whether the port is in what was signed.
    twilio(Post(url.replace(".com/", ".com:443/"), headers, body), b"12345", NOW_S)
    with pytest.raises(ForgedError):
        twilio(Post(url.replace("https", "http"), headers, body), b"12345", NOW_S)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_service_signed_is_taken(name: str) -> None:
    check(name, post(name, TEXT, NOW_S))


@pytest.mark.parametrize("name", NAMES)
def test_what_somebody_else_signed_is_not(name: str) -> None:
    other = base64.b64encode(b"k" * 32).decode()
    with pytest.raises(ForgedError):
        check(name, post(name, TEXT, NOW_S), secret=other)
    with pytest.raises(ForgedError):
        check(name, Sent({}, post(name, TEXT, NOW_S).body))


@given(st.data())
def test_a_changed_byte_of_the_body_is_noticed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    sent = post(name, TEXT, NOW_S)
    body = bytearray(sent.body)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    if name == "twilio" and sorted(bytes(body).split(b"&")) == sorted(sent.body.split(b"&")):
        return
    with pytest.raises(ForgedError):
        check(name, Sent(sent.headers, bytes(body)))


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(
    ["x-twilio-signature", "authorization", "telnyx-signature-ed25519", "telnyx-timestamp",
     "webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=60)),
    st.binary(max_size=200))  # fmt: skip
def test_whatever_is_posted_is_refused_and_breaks_nothing(
    name: str, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(ForgedError):
        check(name, Sent(headers, body))


@pytest.mark.parametrize(
    ("name", "window_s"), [("telnyx", 300), ("standard", 300), ("vonage", 25 * 3600)]
)
def test_what_was_signed_long_ago_or_will_be_is_refused(name: str, window_s: int) -> None:
    sent = post(name, TEXT, NOW_S)
    for now_s in (NOW_S + window_s - 1, NOW_S - window_s + 1):
        check(name, sent, now_s=now_s)
    for now_s in (NOW_S + window_s + 1, NOW_S - window_s - 1):
        with pytest.raises(ForgedError, match="time"):
            check(name, sent, now_s=now_s)


def vonage_sent(claims: dict[str, object], *, alg: str = "HS256") -> Sent:
    body = json.dumps({"text": TEXT}).encode()
    mine = {"iat": NOW_S, "payload_hash": hashlib.sha256(body).hexdigest()} | claims
    return Sent({"authorization": f"Bearer {jwt(mine, alg=alg)}"}, body)


def test_a_token_of_vonage_must_be_of_this_body_of_now_and_of_this_sort() -> None:
    check("vonage", vonage_sent({}))
    check("vonage", vonage_sent({"exp": NOW_S + 1}))
    wrong = [("payload_hash", ""), ("iat", None), ("iat", "nan"), ("iat", 10**400), ("exp", 1.0)]
    for claim, value in wrong:
        with pytest.raises(ForgedError):
            check("vonage", vonage_sent({claim: value}))
    for alg in ("none", "HS512", "RS256"):
        with pytest.raises(ForgedError):
            check("vonage", vonage_sent({}, alg=alg))


def test_a_callback_of_vonage_without_a_signature_is_wanted_again() -> None:
    with pytest.raises(ForgedError) as caught:
        check("vonage", Sent({}, b"{}"))
    assert caught.value.again
