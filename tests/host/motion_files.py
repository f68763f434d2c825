"""The file that a badge keeps of a window of motion (badge/storage/motion_file.py)."""

import binascii
import struct
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from badge.core.codec import cbor
from badge.core.codec.motion_code import CHUNK, Encoder


def file_of(head: Mapping[int, Any], samples: Sequence[tuple[int, int, int]]) -> bytes:
    """Of this head and these samples; a field that is None is left out."""
    packed: bytes = cbor.encode({key: one for key, one in head.items() if one is not None})
    data = b"NBM3" + struct.pack("<H", len(packed)) + packed
    encoder = Encoder()
    for at in range(0, len(samples), CHUNK):
        part = samples[at : at + CHUNK]
        words = array("H", [value & 0xFFFF for sample in part for value in sample])
        length = encoder.chunk(words, len(part))
        data += bytes(encoder.out[:length])
    return data + struct.pack("<I", binascii.crc32(data))
