"""asyncio on the world's clock: task, run queue and I/O wait, put in place of the C ones.

The C `_asyncio` reads the host's clock when it queues or cancels a task, so a run would depend on
the host's speed. These follow the same rules (FIFO among tasks due at the same tick) on world
time. Used in both modes, so that a live run schedules exactly like a fast one.

In most turns of the loop no stream is ready, so none is asked in vain: one with `announces` sets
`world.stream_news` whenever it becomes ready.
"""

import heapq
import io
import select
import sys

from micropython import const

# Ticks wrap at 2**30 on the ESP32 port; the queue orders by unwrapped distance from now.
_PERIOD = const(1 << 30)
_PERIOD_MASK = const((1 << 30) - 1)
_HALF = const(1 << 29)
# Zero-length waits in a row before fast mode decides that a loop spins on sleep_ms(0).
_SPINS = const(300)
_SPIN_US = const(50)
# A native stream (a socket) cannot wake the world's wait, so live mode looks at it this often.
_NATIVE_LOOK_US = const(5000)

# An entry of IoQueue.map.
_READ = const(0)
_WRITE = const(1)
_STREAM = const(2)
_IS_PYTHON = const(3)
_IS_ASKED = const(4)
_STREAM_POLL = const(3)
_POLL_READ = const(1)
_POLL_WRITE = const(4)


class Ticks:
    """Ticks of one world; `core` is asyncio.core once it is imported.

    State of a class, because asyncio makes its queues and tasks itself and tells them no world.
    """

    world = None
    core = None
    offset_ms = 0


def ticks():
    """The world's time as ticks_ms, without the cost of a firmware clock read."""
    world = Ticks.world
    if world.live:
        world.read_us()
    return (world.now_us // 1000 + Ticks.offset_ms) & _PERIOD_MASK


def _fast_ticks(world, offset_ms):
    """The same where time is virtual: asyncio asks for it in every turn."""

    def ticks():
        return (world.now_us // 1000 + offset_ms) & _PERIOD_MASK

    return ticks


def _distance(key):
    return ((key - ticks() + _HALF) & _PERIOD_MASK) - _HALF


class TaskQueue:
    """Tasks ordered by due tick, first come first served among equals."""

    def __init__(self):
        # Those due at once when they came, which are in order as they are; and the others.
        self._soon = []
        self._later = []
        self._order = 0

    def peek(self):
        """The first task, or None."""
        if self._soon:
            first = self._soon[0]
            if self._later and self._later[0] < first:
                first = self._later[0]
            return first[2]
        return self._later[0][2] if self._later else None

    def push(self, task, key=None):
        """Queue a task for tick `key`, by default for now."""
        clock = Ticks
        now_ms = clock.world.now_us // 1000
        now = (now_ms + clock.offset_ms) & _PERIOD_MASK
        task.data = None
        self._order += 1
        if key is None or key == now:
            task.ph_key = now
            task.entry = entry = [now_ms, self._order, task]
            self._soon.append(entry)
        else:
            task.ph_key = key
            due_ms = now_ms + ((key - now + _HALF) & _PERIOD_MASK) - _HALF
            task.entry = entry = [due_ms, self._order, task]
            heapq.heappush(self._later, entry)

    def pop(self):
        """Remove and return the first task."""
        if self._soon and not (self._later and self._later[0] < self._soon[0]):
            task = self._soon.pop(0)[2]
        elif self._later:
            task = heapq.heappop(self._later)[2]
        else:
            raise IndexError("empty heap")
        task.entry = None
        return task

    def remove(self, task):
        """Take a task out wherever it is."""
        # At once, not when it would be due: an event that is never set would keep every waiter.
        entry = task.entry
        if entry is None:
            return
        if entry in self._soon:
            self._soon.remove(entry)
        else:
            self._later.remove(entry)
            heapq.heapify(self._later)
        task.entry = None


class Task:
    """A coroutine on the run queue; awaitable, cancellable.

    `state`: True running, a TaskQueue of waiters, a callback, None ended unseen, False ended.
    `data`: what it waits in, the exception to throw, or how it ended.
    """

    def __init__(self, coro, globals=None):  # noqa: A002
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0
        self.entry = None

    def __iter__(self):
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        waiter = Ticks.core.cur_task
        self.state.push(waiter)
        waiter.data = self

    def done(self):
        """True once the coroutine has ended."""
        return not self.state

    def cancel(self):
        """Throw CancelledError into the innermost task this one waits for; False when ended."""
        if not self.state:
            return False
        core = Ticks.core
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            core._task_queue.push(task)
        elif _distance(task.ph_key) > 0:
            core._task_queue.remove(task)
            core._task_queue.push(task)
        task.data = core.CancelledError
        return True


class Flag(io.IOBase):
    """asyncio's ThreadSafeFlag, which is set by soft interrupts; it announces that it was."""

    announces = True

    def __init__(self):
        self.state = 0

    def ioctl(self, request, flags):
        """As a stream that can be read while the flag is set."""
        return self.state * flags if request == _STREAM_POLL else -1

    def set(self):
        """Wake who waits, or the next who does."""
        self.state = 1
        Ticks.world.stream_news = True

    def clear(self):
        """Not set any more."""
        self.state = 0

    async def wait(self):
        """Wait until it is set, and clear it."""
        if not self.state:
            yield Ticks.core._io_queue.queue_read(self)
        self.state = 0


class IoQueue:
    """Tasks that wait for a stream; between polls the world moves on to its next event.

    Streams are asked in the order in which they were first waited for: asyncio's own poll set is
    ordered by address, which would make two runs of one scenario differ.
    """

    def __init__(self):
        self.map = []
        self._world = Ticks.world
        self._native = select.poll()
        self._native_count = 0
        # How many streams have to be asked each time, because they do not announce anything.
        self._asked_count = 0
        self._spins = _SPINS
        self._sleeps = 0

    def queue_read(self, stream):
        """The current task waits until the stream can be read."""
        self._wait_for(stream, _READ)

    def queue_write(self, stream):
        """The current task waits until the stream can be written."""
        self._wait_for(stream, _WRITE)

    def remove(self, task):
        """The task no longer waits for any stream."""
        for entry in list(self.map):
            if entry[_READ] is task:
                entry[_READ] = None
            if entry[_WRITE] is task:
                entry[_WRITE] = None
            self._drop_idle(entry)

    def wait_io_event(self, dt_ms):
        """Wait at most `dt_ms` (-1: for ever) for a stream, running the world meanwhile."""
        world = self._world
        if world.soft:
            world.run_soft()
        woken = (world.stream_news or self._asked_count) and self._wake_ready()
        if woken or dt_ms == 0:
            if world.sleeps != self._sleeps:
                # A firmware that sleeps by itself does not spin.
                self._sleeps = world.sleeps
                self._spins = _SPINS
            self._spins -= 1
            if world.live:
                world.step_to(world.now_us)
            elif self._spins < 0:
                world.busy_us(_SPIN_US)
            return
        self._spins = _SPINS
        until_us = None if dt_ms < 0 else (world.now_us // 1000 + dt_ms) * 1000
        if world.live and self._native_count:
            soon_us = world.now_us + _NATIVE_LOOK_US
            until_us = soon_us if until_us is None else min(until_us, soon_us)
        world.step_to(until_us)
        if world.stream_news or self._asked_count:
            self._wake_ready()

    def _wait_for(self, stream, side):
        task = Ticks.core.cur_task
        entry = self._find(stream)
        if entry is None:
            is_python = hasattr(stream, "ioctl")
            is_asked = not hasattr(stream, "announces")
            entry = [None, None, stream, is_python, is_asked]
            self.map.append(entry)
            self._asked_count += is_asked
            if not is_python:
                self._native.register(stream, select.POLLIN | select.POLLOUT)
                self._native_count += 1
        if entry[side] is not None:
            raise RuntimeError("two tasks wait for one stream")
        entry[side] = task
        task.data = self
        # It may have been ready all the time.
        self._world.stream_news = True

    def _find(self, stream):
        for entry in self.map:
            if entry[_STREAM] is stream:
                return entry
        return None

    def _drop_idle(self, entry):
        if entry[_READ] is None and entry[_WRITE] is None and entry in self.map:
            self.map.remove(entry)
            self._asked_count -= entry[_IS_ASKED]
            if not entry[_IS_PYTHON]:
                self._native.unregister(entry[_STREAM])
                self._native_count -= 1

    def _wake_ready(self):
        self._world.stream_news = False
        woken = False
        native = self._native.poll(0) if self._native_count else ()
        for entry in list(self.map):
            if entry[_IS_PYTHON]:
                wanted = _POLL_READ if entry[_READ] is not None else 0
                if entry[_WRITE] is not None:
                    wanted |= _POLL_WRITE
                events = entry[_STREAM].ioctl(_STREAM_POLL, wanted)
            else:
                events = self._native_events(entry, native)
            if events:
                woken |= self._wake(entry, _READ, events & ~_POLL_WRITE)
                woken |= self._wake(entry, _WRITE, events & ~_POLL_READ)
                self._drop_idle(entry)
        return woken

    def _native_events(self, entry, native):
        for stream, events in native:
            if stream is entry[_STREAM]:
                return events
        return 0

    def _wake(self, entry, side, events):
        if not events or entry[side] is None:
            return False
        Ticks.core._task_queue.push(entry[side])
        entry[side] = None
        return True


class _CModule:
    Task = Task
    TaskQueue = TaskQueue


def install(world, ticks_offset_ms=0):
    """Put these in place of asyncio's own; `time` must already be the stand-in."""
    Ticks.world = world
    Ticks.offset_ms = ticks_offset_ms
    sys.modules["_asyncio"] = _CModule
    import asyncio  # noqa: PLC0415  it takes its parts when it is imported
    from asyncio import core  # noqa: PLC0415

    Ticks.core = core
    core.ticks = ticks if world.live else _fast_ticks(world, ticks_offset_ms)
    core.IOQueue = IoQueue
    asyncio.ThreadSafeFlag = Flag
    asyncio.new_event_loop()
