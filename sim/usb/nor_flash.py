"""A NOR flash in a file of the host: programming clears bits, erasing sets whole sectors."""

from pathlib import Path
from typing import Final

SECTOR: Final = 4096


class NorFlash:
    """A NOR flash in a file, which is made erased; `erased` and `programmed` count the work."""

    def __init__(self, path: Path, size: int) -> None:
        if not path.exists():
            path.write_bytes(b"\xff" * size)
        self.size = size
        self.erased = self.programmed = 0
        self._path = path
        self._cells = bytearray(path.read_bytes())

    def erase(self, address: int, length: int) -> None:
        """Erase the sectors that the range touches."""
        first = address - address % SECTOR
        last = -(-(address + length) // SECTOR) * SECTOR
        self._cells[first:last] = b"\xff" * (last - first)
        self.erased += (last - first) // SECTOR

    def program(self, address: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`."""
        old = int.from_bytes(self._cells[address : address + len(data)], "little")
        new = old & int.from_bytes(data, "little")
        self._cells[address : address + len(data)] = new.to_bytes(len(data), "little")
        self.programmed += len(data)

    def read(self, address: int, length: int) -> bytes:
        return bytes(self._cells[address : address + length])

    def save(self) -> None:
        """Write the file: flash outlives the power."""
        self._path.write_bytes(self._cells)
