"""The verifier's table: what its bytes mean, and the words that the detector's kernel reads.

`NV1`, how many trees judge an impact, how many the rest after it, a base of points for each
(int16, little-endian); then 14 bytes a tree: three tests (evidence, limit) and eight leaves
(points + 128). A tree gives leaf a + 2 b + 4 c, where a, b, c are 1 if their evidence is above
its limit. An impact, or the rest, passes if its base and its trees give 0 points or more.
"""

import struct
from array import array
from binascii import a2b_base64

from badge.core.detector import evidence
from badge.core.detector.verifier_table import NECK

MOST_BYTES = 2048
HEAD_BYTES = 9
TREE_BYTES = 14
MAGIC = b"NV1"


class TableError(ValueError):
    """A table that is not one; the sentence says why."""


def parse(text):
    """Return the table that base64 `text` holds, of the shipped neck badge if it is empty."""
    if not text:
        text = NECK
    try:
        table = a2b_base64(text)
    except ValueError:
        raise TableError("The verifier is not base64; take it from `nabij tune` as it is.")
    check(table)
    return table


def check(table):
    """Raise TableError unless the kernel can use `table`."""
    if len(table) < HEAD_BYTES or table[:3] != MAGIC or len(table) > MOST_BYTES:
        raise TableError("The verifier is no table of this firmware; run `nabij tune` again.")
    fall, down = table[3], table[4]
    if len(table) != HEAD_BYTES + TREE_BYTES * (fall + down):
        raise TableError("The verifier is cut short or too long; copy it whole.")
    for tree in range(fall + down):
        known = evidence.EVIDENCE if tree >= fall else evidence.EVIDENCE_OF_IMPACT
        at = HEAD_BYTES + TREE_BYTES * tree
        if max(table[at], table[at + 2], table[at + 4]) >= known:
            raise TableError("The verifier asks for evidence that this firmware does not have.")


def bases(table):
    """Return the points that an impact, and the rest after it, start from."""
    return struct.unpack("<2h", table[5:HEAD_BYTES])


def words(table):
    """Return the trees as the kernel reads them, detect.TREE_WORDS words each."""
    found = array("i")
    for at in range(HEAD_BYTES, len(table), TREE_BYTES):
        a, a_limit, b, b_limit, c, c_limit = table[at : at + 6]
        leaf = table[at + 6 : at + TREE_BYTES]
        found.append(a | a_limit << 6 | b << 14 | b_limit << 20)
        found.append(c | c_limit << 6 | leaf[0] << 14 | leaf[1] << 22)
        found.append(leaf[2] | leaf[3] << 8 | leaf[4] << 16)
        found.append(leaf[5] | leaf[6] << 8 | leaf[7] << 16)
    return found
