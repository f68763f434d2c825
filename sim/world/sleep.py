"""Light sleep of the chip: what wakes it, and what it misses meanwhile.

As MicroPython's machine.lightsleep() on the ESP32-S3: levels on ext1 and GPIO pins and a timer
wake it; edges raise no interrupt, the UART neither receives nor sends, a PWM output stops. A pin
on ext1 stays with the RTC after a sleep and reads 0 until it is set up again (ESP-IDF,
esp_sleep_enable_ext1_wakeup). Whatever firmware loses by this is observed, not forgiven.
"""

# Assumption: ESP32-S3 light sleep exit, with PSRAM and flash powered up again (0.5 to 1 ms).
WAKE_US = 1_000
# Assumption: what asyncio and its tasks run for after a wake that brings ordinary work.
TURN_US = 2_000


class LightSleep:
    """The chip's sleep; `ext1` and `gpio` are (lines, level) that wake it."""

    def __init__(self, world, board):
        self._world = world
        self._board = board
        self.ext1 = ((), 1)
        self.gpio = ((), 1)

    def run(self, limit_us):
        """Sleep at most `limit_us` (None: until a pin wakes the chip)."""
        world = self._world
        self._complain()
        ledger = world.ledger
        if ledger is not None:
            ledger.set("mcu", "sleep")
        end_us = None if limit_us is None else world.now_us + limit_us
        world.asleep = world.stalled = True
        try:
            while not self._woken() and (end_us is None or world.now_us < end_us):
                world.step_to(end_us)
        finally:
            world.asleep = world.stalled = False
            world.sleeps += 1
            world.awake_since_us = world.now_us + WAKE_US
            for line in self.ext1[0]:
                line.rtc = True
            if ledger is not None:
                # The turn takes no time in this world; it is taken off the sleep's account.
                world.ran_us += TURN_US
                ledger.set("mcu", "wait")
        world.busy_us(WAKE_US)

    def _woken(self):
        lines, level = self.ext1
        for line in lines:
            if line.level == level:
                return True
        lines, level = self.gpio
        for line in lines:  # noqa: SIM110  any() would make a generator for each look
            if line.level == level:
                return True
        return False

    def _complain(self):
        world = self._world
        for number, duty in self._board.pwm_duties.items():
            if duty:
                world.observe({"sleep": "stops a PWM", "pin": number})
        for line in self.gpio[0]:
            if line.has_irq:
                world.observe(
                    {"sleep": "turns an edge interrupt into a level", "pin": line.number}
                )
        for port in self._board.ports:
            port.sleep_begins()
