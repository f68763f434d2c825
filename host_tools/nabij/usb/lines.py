"""The host's lines of the protocol on the cable: requests, and answers taken apart.

The badge's are in badge.core.codec.usb_protocol, whose errors these raise.
"""

import json
from collections.abc import Mapping
from typing import Any

from badge.core.codec.usb_protocol import UsbError, line_of


def make_request(number: int, verb: str, fields: Mapping[str, Any]) -> bytes:
    """The line of a request, without newline; UsbError when it is too long."""
    return bytes(line_of("?", {"id": number, "do": verb, **fields}))


def parse_answer(line: bytes) -> tuple[int, dict[str, Any]] | None:
    """The id and the fields of an answer, None for log text; UsbError for a failed request."""
    line = line.strip()
    if line[:1] != b"!":
        return None
    try:
        body = json.loads(line[1:].decode())
    except ValueError:
        raise UsbError("usb.json", "The badge's answer is not JSON.") from None
    if not isinstance(body, dict):
        raise UsbError("usb.json", "The badge's answer is not a JSON object.")
    number = body.get("id")
    if "error" in body:
        raise UsbError(str(body["error"]), str(body.get("why", "")), number)
    if type(number) is not int or not isinstance(body.get("ok"), dict):
        raise UsbError("usb.shape", "The badge's answer has no id or no result.")
    return number, body["ok"]
