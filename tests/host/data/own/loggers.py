"""Writes what is no text: Axivity's blocks, and workbooks in the forms of Excel and LibreOffice.

Each is the least that its specification asks for: OpenMovement's CWA description, [MS-XLSB],
OpenDocument 1.2.
"""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path

import numpy as np

from nabij.data.common import Floats
from tests.host.data.tables import START

_BLOCK = 512
# 100 Hz and 8 g, as the logger writes them in a byte; a count is 1/256 g.
_RATE_CODE = 0x4A
_COUNTS_PER_G = 256
_SAMPLES = 80
_THREE_16_BIT_AXES = 0x32


def write_cwa(file: Path, acc_g: Floats, start: dt.datetime = START) -> Path:
    """An AX3's file at 100 Hz: a header and one block for each 80 samples (the rest is lost)."""
    header = bytearray(b"\xff" * 2 * _BLOCK)
    header[:4] = b"MD" + struct.pack("<H", 2 * _BLOCK - 4)
    struct.pack_into("<BHI", header, 4, 0x17, 4711, 1)
    struct.pack_into("<II", header, 13, _packed(start), _packed(start + dt.timedelta(hours=1)))
    struct.pack_into("<BB", header, 35, 0, _RATE_CODE)
    blocks = [bytes(header)]
    counts = np.rint(acc_g * _COUNTS_PER_G).astype("<i2")
    for sequence in range(len(counts) // _SAMPLES):
        first = sequence * _SAMPLES
        when = start + dt.timedelta(seconds=first / 100)
        blocks.append(_cwa_block(sequence, when, counts[first : first + _SAMPLES]))
    file.write_bytes(b"".join(blocks))
    return file


def _cwa_block(sequence: int, when: dt.datetime, counts: Floats) -> bytes:
    block = bytearray(_BLOCK)
    block[:4] = b"AX" + struct.pack("<H", _BLOCK - 4)
    # The fraction of the second is in 1/65536, with the highest bit as its mark.
    fraction = 0x8000 | int(when.microsecond * 32768 / 1e6)
    struct.pack_into("<HIII", block, 4, fraction, 1, sequence, _packed(when))
    struct.pack_into("<HHBB", block, 18, 0, 171, 0, 200)
    offset = -int(when.microsecond * 100 / 1e6)
    struct.pack_into("<BBhH", block, 24, _RATE_CODE, _THREE_16_BIT_AXES, offset, len(counts))
    block[30 : 30 + counts.nbytes] = counts.tobytes()
    words = sum(struct.unpack("<255H", bytes(block[:510])))
    struct.pack_into("<H", block, 510, -words & 0xFFFF)
    return bytes(block)


def _packed(when: dt.datetime) -> int:
    date = (when.year - 2000) << 26 | when.month << 22 | when.day << 17
    return date | when.hour << 12 | when.minute << 6 | when.second


def write_xlsb(file: Path, heading: list[str], rows: Floats) -> Path:
    """A binary workbook with one sheet."""
    book = _record(0x83) + _record(0x8F)
    book += _record(0x9C, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Blad1"))
    book += _record(0x90) + _record(0x84)
    size = struct.pack("<IIII", 0, len(rows), 0, len(heading) - 1)
    sheet = _record(0x81) + _record(0x94, size) + _record(0x91) + _xlsb_row(0)
    for column, name in enumerate(heading):
        sheet += _record(0x06, struct.pack("<II", column, 0) + _wide(name))
    for at, row in enumerate(rows.tolist(), 1):
        sheet += _xlsb_row(at)
        for column, value in enumerate(row):
            sheet += _record(0x05, struct.pack("<IId", column, 0, value))
    sheet += _record(0x92) + _record(0x82)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
            f'package/2006/relationships"><Relationship Id="rId1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return file


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(data)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + data


def _xlsb_row(at: int) -> bytes:
    return _record(0x00, struct.pack("<IIHBBBI", at, 0, 0x12C, 0, 0, 0, 0))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def write_ods(file: Path, heading: list[str], rows: Floats) -> Path:
    """A workbook of LibreOffice with one sheet."""
    return write_sheets(file, {"Tabelle1": (heading, rows)})


def write_sheets(file: Path, sheets: dict[str, tuple[list[str], Floats]]) -> Path:
    """A workbook of LibreOffice with these sheets."""
    tables = "".join(
        f'<c:table c:name="{name}">{_ods_rows(heading, rows)}</c:table>'
        for name, (heading, rows) in sheets.items()
    )
    form = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<o:document-content xmlns:o="{form}:office:1.0" xmlns:c="{form}:table:1.0" '
        f'xmlns:t="{form}:text:1.0" o:version="1.2"><o:body><o:spreadsheet>'
        f"{tables}</o:spreadsheet></o:body></o:document-content>"
    )
    content = content.replace("<o:", "<office:").replace("</o:", "</office:")
    content = content.replace(" o:", " office:").replace("xmlns:o=", "xmlns:office=")
    content = content.replace("<c:", "<table:").replace("</c:", "</table:")
    content = content.replace(" c:", " table:").replace("xmlns:c=", "xmlns:table=")
    content = content.replace("<t:", "<text:").replace("</t:", "</text:")
    content = content.replace("xmlns:t=", "xmlns:text=")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"><m:file-entry m:full-path="content.xml" m:media-type="text/xml"/>'
            "</m:manifest>",
        )
        archive.writestr("content.xml", content)
    return file


def _ods_rows(heading: list[str], rows: Floats) -> str:
    lines = [
        "".join(
            f'<c:table-cell o:value-type="string"><t:p>{one}</t:p></c:table-cell>'
            for one in heading
        )
    ]
    lines += [
        "".join(f'<c:table-cell o:value-type="float" o:value="{value!r}"/>' for value in row)
        for row in rows.tolist()
    ]
    return "".join(f"<c:table-row>{line}</c:table-row>" for line in lines)
