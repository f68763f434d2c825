"""Journal segments: whole, cut, padded and overwritten with noise."""

from binascii import hexlify

from common import Draw, begin, end, turns

from badge.core.codec import journal

begin()
draw = Draw(5)
segment = bytearray()
for seq in range(12):
    payload = bytes([draw.below(256) for _ in range(draw.below(24))])
    record = journal.encode(journal.REC_ALARM, 0xFFFFFFFF - seq, seq, payload)
    print("record", hexlify(record).decode())
    segment += record + bytes(draw.below(3) * 7)
for turn in range(turns(7, 16)):
    broken = bytearray(segment)
    if turn:
        at = draw.below(len(broken))
        broken[at] ^= 1 << draw.below(8)
        if turn % 3 == 0:
            broken = broken[: draw.below(len(broken))]
    records, errors = journal.scan(broken)
    print("scan", turn, errors, [record[1:3] for record in records])
end()
