"""Requests and answers on the USB console, one JSON object a line (docs/usb.md).

Request `?{"id":n,"do":verb,...}`, answer `!{"id":n,"ok":{...}}` or
`!{"id":n,"error":code,"why":sentence}`. Everything else on the line is log text.
"""

import binascii
import json

from badge.core.codec.hmac import hmac_sha256, same
from badge.core.portable import const
from badge.core.ticks import diff

VERSION = 1
# The byte by which an engineer asks for the prompt.
CTRL_C = const(0x03)
# Longest line in either direction, without its newline. File data travel in chunks of base64.
LINE_MAX = 1024
CHUNK_BYTES = 512

# Who may use a verb: anyone; who has the service key; that, or anyone while there is no key.
OPEN, SERVICE, FRESH = range(3)

NONCE_BYTES = 16
_AUTHORISED_MS = const(120_000)
_ID_MAX = const(0x3FFFFFFF)
_VERB_MAX = const(32)
_WHY_MAX = const(400)
_SERVICE_LABEL = b"service"
_PROOF_LABEL = b"nabij/usb/1"


class UsbError(Exception):
    """A request that is not carried out: a short code and one sentence; `id` where it is known."""

    def __init__(self, code, why, request_id=None):
        super().__init__(why)
        self.code = code
        self.why = why
        self.id = request_id


class LineBuffer:
    """Cuts a byte stream into lines; what exceeds LINE_MAX is dropped up to its newline."""

    def __init__(self):
        self._line = bytearray()
        self._overlong = False

    def push(self, byte):
        """Take one byte; returns a whole line, or None. UsbError once a too long line ends."""
        if byte not in {0x0A, 0x0D}:
            if byte < 0x20:
                # What tools type to a prompt (Ctrl-A, Ctrl-B, Ctrl-D) means nothing here.
                return None
            if len(self._line) >= LINE_MAX:
                self._overlong = True
            else:
                self._line.append(byte)
            return None
        line, self._line = bytes(self._line), bytearray()
        overlong, self._overlong = self._overlong, False
        if overlong:
            raise UsbError("usb.line", "The line is longer than %d bytes; split it." % LINE_MAX)
        return line

    def clear(self):
        """Forget an unfinished line."""
        self._line = bytearray()
        self._overlong = False


def parse_request(line):
    """The request in a line as a dict with `id` and `do`, or None for a line to pass over."""
    line = line.strip()
    # An echo of what a badge prints must not be answered, or two of them would talk for ever.
    if not line or line[0] in b"!#@":
        return None
    if line[0] != 0x3F:
        raise UsbError("usb.garbage", 'This is no request; write ?{"id":1,"do":"hello"}.')
    try:
        request = json.loads(line[1:].decode())
    except ValueError:
        raise UsbError("usb.json", "The text after the ? is not JSON.")
    if not isinstance(request, dict):
        raise UsbError("usb.json", "The text after the ? is not a JSON object.")
    number = request.get("id")
    if not _is_int(number) or not 0 <= number <= _ID_MAX:
        raise UsbError("usb.shape", "A request needs an id from 0 to %d." % _ID_MAX)
    verb = request.get("do")
    if not isinstance(verb, str) or not 0 < len(verb) <= _VERB_MAX:
        raise UsbError("usb.shape", "A request needs a verb in 'do'.", number)
    return request


def make_answer(number, fields):
    """The line of an answer that succeeded, without newline; UsbError when it is too long."""
    return line_of("!", {"id": number, "ok": fields})


def make_error(error, number=None):
    """The line of an answer that failed; a sentence too long for a line is cut."""
    number = number if error.id is None else error.id
    why = error.why
    while True:
        try:
            return line_of("!", {"id": number, "error": error.code, "why": why})
        except UsbError:
            why = why[: min(_WHY_MAX, len(why) // 2)]


def field(request, name, kind, default=None):
    """request[name], which must be of type `kind` (an int is no bool); UsbError otherwise."""
    value = request.get(name, default)
    if not isinstance(value, kind) or (kind is int and not _is_int(value)):
        raise UsbError("usb.shape", "'%s' needs '%s'." % (request["do"], name))
    return value


def to_text(data):
    """Base64 without newline."""
    return binascii.b2a_base64(data).decode().strip()


def from_text(text):
    """The bytes of at most CHUNK_BYTES in base64; UsbError when it is anything else."""
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        raise UsbError("usb.data", "The data are not base64.")
    # Decoders pass over what they do not know; here it means that something was lost.
    if to_text(data) != text:
        raise UsbError("usb.data", "The data are not base64.")
    if len(data) > CHUNK_BYTES:
        raise UsbError("usb.data", "A chunk has at most %d bytes." % CHUNK_BYTES)
    return data


def piece(request):
    """The bytes in request["data"]: base64 on the cable, and as they are by the link."""
    data = request.get("data")
    if isinstance(data, bytes) and len(data) <= CHUNK_BYTES:
        return data
    return from_text(field(request, "data", str))


def service_key(hmac_key):
    """The key of the engineers for the badge with this HMAC key."""
    return hmac_sha256(hmac_key, _SERVICE_LABEL)


def proof(key, nonce_hex):
    """What shows that one has the service key, as hexadecimal text."""
    mac = hmac_sha256(key, _PROOF_LABEL + nonce_hex.encode())
    return binascii.hexlify(mac).decode()


class Guard:
    """Who may use which verb now; `key` is the service key, None on an unprovisioned badge."""

    def __init__(self, key):
        self._key = key
        self._nonce = None
        self._opened_ms = None

    @property
    def provisioned(self):
        """True when there is a service key."""
        return self._key is not None

    def challenge(self, random):
        """A new nonce as hexadecimal text from NONCE_BYTES random bytes; ends what was open."""
        self._opened_ms = None
        self._nonce = binascii.hexlify(random).decode()
        return self._nonce

    def authorise(self, mac, now_ms):
        """Open the service verbs for 120 s after their last use; each challenge serves once."""
        nonce, self._nonce = self._nonce, None
        if self._key is None:
            raise UsbError("usb.unprovisioned", "The badge has no key yet; provision it.")
        if nonce is None:
            raise UsbError("usb.challenge", "Ask 'hello' for a new challenge first.")
        if not same(proof(self._key, nonce).encode(), mac.encode()):
            raise UsbError("usb.denied", "That is not this badge's service key.")
        self._opened_ms = now_ms

    def is_open(self, now_ms):
        """Whether what needs the service key may be used now; always on an unprovisioned badge."""
        if self._key is None:
            return True
        return self._opened_ms is not None and diff(now_ms, self._opened_ms) <= _AUTHORISED_MS

    def check(self, access, now_ms):
        """UsbError unless a verb of this access may be used now."""
        if access == OPEN or (access == FRESH and self._key is None):
            return
        if self._key is None:
            raise UsbError("usb.unprovisioned", "The badge is not provisioned; provision it.")
        if not self.is_open(now_ms):
            self._opened_ms = None
            raise UsbError("usb.locked", "This needs the badge's service key (--state).")
        self._opened_ms = now_ms


def line_of(mark, body):
    """The line of a message, without newline; UsbError when it is too long."""
    line = (mark + json.dumps(body)).encode()
    if len(line) > LINE_MAX:
        raise UsbError("usb.long", "The message is longer than %d bytes." % LINE_MAX, body["id"])
    return line


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)
