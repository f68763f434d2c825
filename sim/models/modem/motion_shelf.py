"""What the server in the simulator does with motion: keeps it in order, and says how far it is."""

import binascii

from badge.core.codec import motion_piece, wire


class MotionShelf:
    """`ways`: what is done with it, of sim/options/remote.py."""

    def __init__(self, key, ways, observe):
        self._key = key
        self._ways = ways
        self._observe = observe
        self.windows = {}

    def take(self, frame, is_observed, session):
        """One piece; the answer goes to its session."""
        try:
            piece = motion_piece.decode_piece(frame, lambda badge: self._key)
        except wire.WireError as error:
            self._observe("refused", why=str(error))
            return
        if is_observed:
            self._observe("motion", hex=binascii.hexlify(frame).decode())
        if self._ways == "none":
            return
        state = motion_piece.REFUSED if self._ways == "refused" else motion_piece.GO_ON
        there = self.windows.setdefault((piece.boot, piece.seq), bytearray())
        if state == motion_piece.GO_ON and piece.offset == len(there):
            there.extend(piece.data)
            if len(there) == piece.total:
                self._observe(
                    "motion_kept", boot=piece.boot, seq=piece.seq, crc=binascii.crc32(there)
                )
        if len(there) == piece.total:
            state = motion_piece.DONE
        kept = motion_piece.Kept(piece.badge, piece.boot, piece.seq, len(there), state)
        session.publish(wire.down_topic(piece.badge), motion_piece.encode_kept(self._key, kept))
