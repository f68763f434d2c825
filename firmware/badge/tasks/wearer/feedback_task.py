"""Tells the wearer: plays signals one after another on motor, buzzer and light."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.core.wearer.feedback import PRE_ALARM
from badge.tasks import beat
from badge.tasks.bell import Bell

_QUEUE_LENGTH = const(6)
_IDLE_MS = const(2000)
_STOP_AGAIN_MS = const(100)
# Between two signals, and after one that was broken off: else they would feel like one.
_GAP_MS = const(400)
# Longer than any signal: who plays it hangs.
_MOST_MS = const(10_000)


class FeedbackTask:
    """Queues signals by name; `buzzer` and `led` are None where the profile allows none.

    What is more urgent goes first; when the queue is full the least urgent gives way.
    """

    def __init__(self, motor, buzzer, led, feelings, log):
        self._motor = motor
        self._buzzer = buzzer
        self._led = led
        self._feelings = feelings
        self._log = log
        self._queue = []
        self._wake = Bell()

    def feel(self, name, untrue=""):
        """Queue the signal `name`; returns at once. One that waits already is not queued twice.

        If `untrue` still waits it is not said any more.
        """
        if untrue in self._queue:
            self._queue.remove(untrue)
        if name in self._queue:
            return
        if name not in self._feelings:
            # Whoever asks may be the task that keeps the alarms: it must not die of a name.
            self._log.event("haptic.unknown", pattern=name)
            return
        urgency = self._feelings[name].urgency
        place = len(self._queue)
        while place and self._feelings[self._queue[place - 1]].urgency > urgency:
            place -= 1
        self._queue.insert(place, name)
        if len(self._queue) > _QUEUE_LENGTH:
            self._log.event("haptic.dropped", pattern=self._queue.pop())
        self._wake.set()

    def is_on(self):
        """Whether a PWM runs, which a sleep would stop."""
        return self._motor.is_on() or (self._buzzer is not None and self._buzzer.is_on())

    def reason(self):
        """Return "motor" while the wearer cannot feel what is said, else ""."""
        return "motor" if self._motor.fails() else ""

    def pulses(self):
        """How often the motor has shaken the badge so far, as a counter that wraps."""
        return self._motor.pulses

    def off(self):
        """Everything still, dark and silent now."""
        for output in (self._motor, self._buzzer, self._led):
            if output is not None:
                output.off()

    async def run(self, feed):
        """Play what is queued, for ever."""
        while True:
            feed()
            if self._queue:
                await self._play_out(self._queue.pop(0), feed)
            else:
                turns = self._motor.is_on()
                if turns:
                    # Its chip has not heard that it is to stop.
                    self._motor.off()
                await self._nap(_STOP_AGAIN_MS if turns else beat.until_ms(_IDLE_MS))

    async def _play_out(self, name, feed):
        feeling = self._feelings[name]
        self._log.event("haptic", pattern=name)
        began_ms = ticks_ms()
        player = asyncio.create_task(self._play(feeling))
        try:
            while not player.done() and not self._gives_way(feeling):
                if ticks_diff(ticks_ms(), began_ms) >= _MOST_MS:
                    raise RuntimeError("%s does not end" % name)
                feed()
                await self._nap(_IDLE_MS)
        finally:
            player.cancel()
        try:
            # Raises what the player died of.
            await player
        except asyncio.CancelledError:
            pass
        await asyncio.sleep_ms(_GAP_MS)

    def _gives_way(self, feeling):
        if not self._queue:
            return False
        urgency = self._feelings[self._queue[0]].urgency
        return urgency <= PRE_ALARM and urgency < feeling.urgency

    async def _play(self, feeling):
        try:
            beside = []
            if self._buzzer is not None and feeling.tones:
                beside.append(asyncio.create_task(self._buzzer.play(feeling.tones)))
            if self._led is not None and feeling.blinks:
                beside.append(asyncio.create_task(self._led.play(feeling.blinks)))
            try:
                await self._motor.play(feeling.pulses)
                for task in beside:
                    await task
            finally:
                for task in beside:
                    task.cancel()
        finally:
            self._wake.set()

    async def _nap(self, wait_ms):
        self._wake.clear()
        await self._wake.wait_ms(wait_ms)
