"""Takes the heap away from the firmware, for scenarios of memory pressure.

Models and firmware share the host's heap. While the world has its turn it gets a reserve back, so
that what the hardware does is not hindered; a model that the firmware calls (a transfer, a flash
operation) may fail for want of memory where the chip's driver would not. What is left is counted
at the beginning: turns of the world may leave the firmware a little more later on.
"""

import gc as _gc

# Words of the reserve: a list, for clear() gives its memory back without a collection.
_RESERVE = 64 * 1024
_WORD_BYTES = 8
_CHUNKS = (65536, 4096, 512, 64)


def used():
    """Bytes of the heap in use after a collection, the models' share included."""
    _gc.collect()
    return _gc.mem_alloc()


class Ballast:
    """`fill(free)` leaves so many bytes of heap until `drop()`."""

    def __init__(self, world):
        self._world = world
        # A chain of [bytes, next]: a list of them would have to grow when there is no room.
        self._chain = None
        self._reserve = []
        self._reserve_words = _RESERVE
        self._free = 0
        self._depth = 0

    def fill(self, free):
        """Leave `free` bytes in one piece; a second call changes the amount."""
        self.drop()
        self._free = free
        _gc.collect()
        left = _allocated(free)
        self._reserve_words = _RESERVE
        self._take_reserve()
        for size in _CHUNKS:
            try:
                while True:
                    self._chain = [bytearray(size), self._chain]
            except MemoryError:
                pass
        del left
        world = self._world
        world.step_to = self._lent(world.step_to)
        world.busy_us = self._lent(world.busy_us)
        world.observe({"heap": "pressure", "free": free})

    def is_filled(self):
        """Whether it takes memory away now."""
        return self._free > 0

    def drop(self):
        """Give everything back."""
        if not self._free:
            return
        self._free = 0
        self._reserve.clear()
        # One forgotten pointer on the stack would keep the whole chain.
        while self._chain is not None:
            self._chain[0] = None
            self._chain = self._chain[1]
        # What fill() put before the methods of the class.
        del self._world.step_to
        del self._world.busy_us
        _gc.collect()
        self._world.observe({"heap": "free"})

    def _lent(self, method):
        def run(*arguments):
            self._depth += 1
            self._reserve.clear()
            try:
                return method(*arguments)
            finally:
                self._depth -= 1
                if self._free and not self._depth:
                    self._take_reserve()

        return run

    def _take_reserve(self):
        # Never what was left to the firmware. What the world keeps lies in the reserve's place, so
        # that a size that was too large once is not tried again: each try in vain collects.
        is_smaller = False
        while self._reserve_words * _WORD_BYTES > 2 * self._free:
            try:
                self._reserve = [None] * self._reserve_words
                break
            except MemoryError:
                self._reserve_words //= 2
                is_smaller = True
        if is_smaller:
            self._fill_up()

    def _fill_up(self):
        """Take what a smaller reserve has left over, which is not the firmware's to have."""
        _gc.collect()
        for size in _CHUNKS[:2]:
            while _gc.mem_free() > self._free + size:
                try:
                    self._chain = [bytearray(size), self._chain]
                except MemoryError:
                    break


def _allocated(size):
    try:
        return bytearray(size)
    except MemoryError:
        return None
