"""Light sleep while asyncio has nothing to do: between FIFO watermarks, timers and news.

Takes the place of asyncio's wait for streams. What wakes the chip is a *level* that stays until it
is served, so what happens between the last look and the sleep ends the sleep at once:

* buttons and the accelerometer's INT1, high (ext1);
* the modem's RI and the power chip's interrupt, low (GPIO). No edge interrupt may be set on these
  two: waking on GPIO turns a pin's interrupt into one on the level (gpio_wakeup_enable).

Edges are not seen in sleep, and the UART does not receive, so after every sleep `woken()` looks at
all levels itself. A pin that woke by ext1 belongs to the RTC until it is set up again (ESP-IDF,
esp_sleep_enable_ext1_wakeup): `reclaim()` does that, before anything reads a button.
"""

from time import ticks_diff, ticks_ms

from badge.core.portable import const

# Falling asleep and waking cost about a millisecond each; shorter waits are not worth it.
_WORTH_MS = const(4)
# An unknown wake source must not keep the badge from what only a timer brings.
_LONGEST_MS = const(5_000)
# Awake for a while after the start: an engineer's USB, and everything that is still unknown.
_GRACE_MS = const(10_000)
_PERIOD_MASK = const(0x3FFFFFFF)


class Sleeper:
    """An asyncio I/O queue around `inner`; `sleep(ms)` is machine.lightsleep.

    `awake_ms(now_ms)` says for how long the chip must stay awake (0: it may sleep), `reclaim()`
    and `woken(now_ms)` follow each sleep.
    """

    def __init__(self, core, sleep, awake_ms, reclaim, woken):
        self._core = core
        self._inner = core._io_queue  # noqa: SLF001  asyncio offers no other way in
        self._sleep = sleep
        self._awake_ms = awake_ms
        self._reclaim = reclaim
        self._woken = woken
        self._began_ms = ticks_ms()
        self._settled = False
        self.sleeps = 0
        self.slept_ms = 0
        # asyncio asks whether anybody waits at all.
        self.map = self._inner.map

    def install(self):
        """From now on the event loop waits here."""
        self._core._io_queue = self  # noqa: SLF001

    def queue_read(self, stream):
        """As IOQueue."""
        return self._inner.queue_read(stream)

    def queue_write(self, stream):
        """As IOQueue."""
        return self._inner.queue_write(stream)

    def remove(self, task):
        """As IOQueue."""
        self._inner.remove(task)

    def wait_io_event(self, wait_ms):
        """Wait at most `wait_ms` (-1: for ever) for a stream; asleep when that is safe."""
        inner = self._inner
        if 0 <= wait_ms < _WORTH_MS:
            inner.wait_io_event(wait_ms)
            return
        if wait_ms < 0 or wait_ms > _LONGEST_MS:
            wait_ms = _LONGEST_MS
        # Streams that are ready and interrupts that are pending come first.
        inner.wait_io_event(0)
        now_ms = ticks_ms()
        if self._due(now_ms):
            return
        awake_ms = self._must_stay_ms(now_ms)
        if awake_ms:
            inner.wait_io_event(min(wait_ms, awake_ms))
            return
        self._sleep(wait_ms)
        self._reclaim()
        woke_ms = ticks_ms()
        self.sleeps += 1
        self.slept_ms = (self.slept_ms + ticks_diff(woke_ms, now_ms)) & _PERIOD_MASK
        self._woken(woke_ms)

    def _due(self, now_ms):
        task = self._core._task_queue.peek()  # noqa: SLF001
        return task is not None and ticks_diff(task.ph_key, now_ms) <= 0

    def _must_stay_ms(self, now_ms):
        if not self._settled:
            since_ms = ticks_diff(now_ms, self._began_ms)
            if since_ms < _GRACE_MS:
                return _GRACE_MS - since_ms
            self._settled = True
        return self._awake_ms(now_ms)
