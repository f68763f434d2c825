"""What services post, signed as their own pages say it, by code that knows nothing of ours."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

URL = "https://sms.example.org/sms/"
_TELNYX = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SECRETS = {
    "twilio": "12345678901234567890123456789012",
    "vonage": "a signature secret of an account",
    "telnyx": base64.b64encode(_TELNYX.public_key().public_bytes_raw()).decode(),
    "standard": "whsec_" + base64.b64encode(b"s" * 32).decode(),
}
NAMES = tuple(SECRETS)


@dataclass(frozen=True)
class Sent:
    """A request of a service."""

    headers: dict[str, str]
    body: bytes


def post(
    name: str, text: str, at_s: float, *, number: str = "one", sender: str = "+31612345678"
) -> Sent:
    """A text message as that service posts it, under SECRETS."""
    return _MAKERS[name](text, at_s, number, sender)


def _twilio(text: str, _at_s: float, number: str, sender: str) -> Sent:
    fields = {"Body": text, "From": sender, "To": "+3197010240000", "MessageSid": f"SM{number}"}
    fields |= {"NumMedia": "0", "AccountSid": "AC1", "SmsStatus": "received", "ToZip": ""}
    signed = URL + "twilio" + "".join(name + fields[name] for name in sorted(fields))
    mac = hmac.new(SECRETS["twilio"].encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": base64.b64encode(mac).decode(),
    }
    return Sent(headers, urlencode(fields).encode())


def _vonage(text: str, at_s: float, number: str, sender: str) -> Sent:
    body = json.dumps(
        {
            "to": "3197010240000",
            "from": sender.removeprefix("+"),
            "channel": "sms",
            "message_uuid": number,
            "timestamp": _iso(at_s),
            "message_type": "text",
            "text": text,
        },
        separators=(",", ":"),
    ).encode()
    claims = {"iat": int(at_s), "jti": "x", "iss": "Vonage", "api_key": "a1"}
    token = jwt(claims | {"payload_hash": hashlib.sha256(body).hexdigest()})
    return Sent({"authorization": f"Bearer {token}", "content-type": "application/json"}, body)


def jwt(claims: dict[str, object], *, alg: str = "HS256") -> str:
    """A token under the secret of Vonage, whatever it says of itself."""
    parts = [_url64(json.dumps(one).encode()) for one in ({"typ": "JWT", "alg": alg}, claims)]
    mac = hmac.new(SECRETS["vonage"].encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join((*parts, _url64(mac)))


def _telnyx(text: str, at_s: float, number: str, sender: str) -> Sent:
    payload = {
        "id": number,
        "direction": "inbound",
        "type": "SMS",
        "from": {"phone_number": sender, "carrier": "KPN"},
        "to": [{"phone_number": "+3197010240000"}],
        "text": text,
        "received_at": _iso(at_s),
    }
    data = {"event_type": "message.received", "id": "e", "record_type": "event"}
    body = json.dumps({"data": data | {"payload": payload}, "meta": {"attempt": 1}}).encode()
    at = str(int(at_s))
    signature = base64.b64encode(_TELNYX.sign(at.encode() + b"|" + body)).decode()
    return Sent({"telnyx-signature-ed25519": signature, "telnyx-timestamp": at}, body)


def _standard(text: str, at_s: float, number: str, sender: str) -> Sent:
    body = json.dumps({"text": text, "from": sender, "sent": _iso(at_s)}).encode()
    at = str(int(at_s))
    mac = hmac.new(b"s" * 32, f"{number}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(b'another').decode()} v1,{base64.b64encode(mac).decode()}"
    headers = {"webhook-id": number, "webhook-timestamp": at, "webhook-signature": signature}
    return Sent(headers, body)


_MAKERS: dict[str, Callable[[str, float, str, str], Sent]] = {
    "twilio": _twilio,
    "vonage": _vonage,
    "telnyx": _telnyx,
    "standard": _standard,
}


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _iso(at_s: float) -> str:
    import datetime as dt

    at = dt.datetime.fromtimestamp(at_s, dt.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
