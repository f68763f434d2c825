"""Frames of SIA DC-09: what is sent to an alarm centre and what it answers.

LF, CRC and length (4 hex digits each), then what both are of: "TYPE", sequence, receiver, line,
account, [data], extended data and the time of sending, and CR. ANSI/SIA DC-09-2021, section 5.5.
"""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SIA_DCS, ADM_CID, NULL = "SIA-DCS", "ADM-CID", "NULL"
ACK, NAK, DUH = "ACK", "NAK", "DUH"
# Centres are known that read so many bytes and take them for one message.
LONGEST: Final = 999
SEQ_MAX: Final = 9999
KEY_SIZES: Final = (16, 24, 32)

_LF, _CR = b"\n", b"\r"
_STAMP: Final = "%H:%M:%S,%m-%d-%Y"
_BLOCK: Final = 16
# The standard bans these from the padding.
_NO_PAD: Final = frozenset(b"|[]")
_PAD: Final = bytes(byte for byte in range(32, 127) if byte not in _NO_PAD)
# The standard's. Without a MAC all this hides a text and proves nothing.
_VECTOR: Final = bytes(_BLOCK)
_BODY: Final = re.compile(
    rb'"(?P<star>\*?)(?P<kind>[A-Z0-9-]{1,10})"(?P<seq>[0-9]{4})'
    rb"(?:R(?P<receiver>[0-9A-Fa-f]{1,6}))?L(?P<line>[0-9A-Fa-f]{1,6})"
    # Some centres answer with an account A0, which belongs to nobody.
    rb"(?:[#A](?P<account>[0-9A-Fa-f]{1,16}))?\[(?P<rest>.*)",
    re.DOTALL,
)
_REST: Final = re.compile(
    rb"(?P<data>[^\[\]]*)\](?P<extended>(?:\[[^\[\]]*\])*)(?:_(?P<stamp>[0-9:,-]+))?", re.DOTALL
)


class FrameError(ValueError):
    """These bytes are no frame, or not one under this key."""


@dataclass(frozen=True)
class Frame:
    """One message; `stamp_ms` is the time of sending (ms since 1970 UTC), None without one.

    `data` is what stands in the first brackets, `extended` the contents of those after it.
    """

    kind: str
    seq: int
    account: str
    data: str = ""
    extended: tuple[str, ...] = ()
    stamp_ms: int | None = None
    receiver: str = "0"
    line: str = "0"


def encode(frame: Frame, key: bytes = b"") -> bytes:
    """The bytes of a frame, encrypted when there is a key; FrameError for what fits none."""
    extended = "".join(f"[{one}]" for one in frame.extended)
    stamp = "" if frame.stamp_ms is None else f"_{stamp_of(frame.stamp_ms)}"
    try:
        data, tail = frame.data.encode("ascii"), f"]{extended}{stamp}".encode("ascii")
    except UnicodeEncodeError as error:
        raise FrameError("a frame is of ASCII") from error
    head = f'"{"*" if key else ""}{frame.kind}"{frame.seq:04d}R{frame.receiver}L{frame.line}'
    head += f"#{frame.account}["
    if key:
        if frame.stamp_ms is None:
            raise FrameError("what is encrypted has a time of sending")
        clear = data + tail
        body = head.encode("ascii") + _encrypted(clear, key, separator=bool(data))
    else:
        body = head.encode("ascii") + data + tail
    if _LF in body or _CR in body:
        raise FrameError("a frame has no line ends")
    whole = b"%b%04X%04X%b%b" % (_LF, crc(body), len(body), body, _CR)
    if len(whole) > LONGEST:
        raise FrameError(f"a frame of {len(whole)} bytes is longer than {LONGEST}")
    return whole


def decode(whole: bytes, key: bytes = b"") -> Frame:
    """The frame in bytes from LF to CR; FrameError says what is wrong with them."""
    if len(whole) < 11 or whole[:1] != _LF or whole[-1:] != _CR:
        raise FrameError("no LF at its beginning or no CR at its end")
    body = whole[9:-1]
    try:
        said_crc, said_length = int(whole[1:5], 16), int(whole[5:9], 16)
    except ValueError as error:
        raise FrameError("no checksum or no length") from error
    if (said_crc, said_length) != (crc(body), len(body)):
        raise FrameError("checksum or length is wrong")
    found = _BODY.fullmatch(body)
    if found is None:
        raise FrameError("no message of the standard")
    rest = found["rest"]
    if found["star"]:
        if not key:
            raise FrameError("encrypted, and no key was given")
        rest = _decrypted(rest, key)
    inner = _REST.fullmatch(rest)
    if inner is None:
        raise FrameError("no brackets around its data, or another key")
    try:
        text = {name: (found or b"").decode("ascii") for name, found in inner.groupdict().items()}
    except UnicodeDecodeError as error:
        raise FrameError("a frame is of ASCII") from error
    return Frame(
        kind=found["kind"].decode(),
        seq=int(found["seq"]),
        account=(found["account"] or b"").decode(),
        data=text["data"],
        extended=tuple(re.findall(r"\[([^\[\]]*)\]", text["extended"])),
        stamp_ms=ms_of(text["stamp"]) if text["stamp"] else None,
        receiver=(found["receiver"] or b"0").decode(),
        line=found["line"].decode(),
    )


def crc(body: bytes) -> int:
    """CRC-16/ARC: reflected polynomial 0xA001, beginning with 0."""
    value = 0
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def stamp_of(at_ms: int) -> str:
    """A time (ms since 1970 UTC) as frames have it, to the second."""
    return f"{dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC):{_STAMP}}"


def ms_of(stamp: str) -> int:
    """The time (ms since 1970 UTC) of a stamp; FrameError for none."""
    try:
        at = dt.datetime.strptime(f"{stamp}+0000", f"{_STAMP}%z")
    except ValueError as error:
        raise FrameError(f"{stamp} is no time") from error
    return round(at.timestamp()) * 1000


def _encrypted(clear: bytes, key: bytes, *, separator: bool) -> bytes:
    mark = b"|" if separator else b""
    size = len(mark) + len(clear)
    pad = bytes(secrets.choice(_PAD) for _ in range(_BLOCK + -size % _BLOCK))
    encryptor = Cipher(algorithms.AES(key), modes.CBC(_VECTOR)).encryptor()
    sealed = encryptor.update(pad + mark + clear) + encryptor.finalize()
    return sealed.hex().upper().encode()


def _decrypted(sealed: bytes, key: bytes) -> bytes:
    try:
        raw = bytes.fromhex(sealed.decode("ascii"))
        decryptor = Cipher(algorithms.AES(key), modes.CBC(_VECTOR)).decryptor()
        clear = decryptor.update(raw) + decryptor.finalize()
    except ValueError as error:
        raise FrameError("not encrypted by this key") from error
    end, mark = clear.find(b"]"), clear.find(b"|")
    # Of empty data there is no mark: the padding reaches up to the bracket.
    return clear[mark + 1 :] if 0 <= mark < end else clear[max(end, 0) :]
