"""Light sleep of the chip: what wakes it, and what it misses meanwhile.

As MicroPython's machine.lightsleep() on the ESP32-S3: levels on ext1 and GPIO pins and a timer
wake it; edges raise no interrupt, the UART neither receives nor sends, a PWM output stops. A pin
on ext1 stays with the RTC after a sleep and reads 0 until it is set up again (ESP-IDF,
esp_sleep_enable_ext1_wakeup). Every pad is isolated in sleep (ESP_SLEEP_GPIO_RESET_WORKAROUND of
ESP-IDF): an output floats unless the SLP_SEL bit of its pad is cleared, or it is a PWM with
lightsleep=True; the chip's own pulls are gone on the lines of ext1. The port never disarms a GPIO
pin: it wakes as long as any pin is armed that way (modmachine.c). Whatever firmware loses by this
is observed, not forgiven.
"""

# Assumption: ESP32-S3 light sleep exit, with PSRAM and flash powered up again (0.5 to 1 ms).
WAKE_US = 1_000
# Assumption: what asyncio and its tasks run for after a wake that brings ordinary work.
TURN_US = 2_000


class LightSleep:
    """The chip's sleep, and the lines that wake it."""

    def __init__(self, world, board):
        self._world = world
        self._board = board
        self._ext1 = ((), 1)
        # Every line that was ever armed, by the level that wakes; None of them while off.
        self._gpio = {}
        self._gpio_is_on = False
        self._said = set()
        # Nothing ends a sleep before (the verb `sleep_stuck`).
        self._stuck_until_us = 0

    def arm_ext1(self, lines, level):
        """These lines wake at this level, and no others."""
        self._ext1 = (lines, level)

    def stick(self, us):
        """For so long nothing ends a sleep."""
        self._stuck_until_us = self._world.now_us + us

    def arm_gpio(self, lines, level):
        """More lines wake; with none at all no line wakes until some are armed again."""
        self._gpio_is_on = bool(lines)
        for line in lines:
            self._gpio[line] = level

    def run(self, limit_us):
        """Sleep at most `limit_us` (None: until a pin wakes the chip)."""
        world = self._world
        self._complain()
        isolated = self._isolate()
        ledger = world.ledger
        if ledger is not None:
            ledger.set("mcu", "sleep")
        began_us = world.now_us
        end_us = None if limit_us is None else began_us + limit_us
        world.fall_asleep()
        try:
            while True:
                if world.now_us < self._stuck_until_us:
                    world.step_to(self._stuck_until_us)
                elif self._woken() or (end_us is not None and world.now_us >= end_us):
                    break
                else:
                    world.step_to(end_us)
        finally:
            world.awake(WAKE_US)
            self._board.watchdog.slept(world.now_us - began_us)
            for line in self._ext1[0]:
                line.leave_to_rtc()
            for line in isolated:
                line.isolate(False)
            if ledger is not None:
                # The turn takes no time in this world; it is taken off the sleep's account.
                world.run_besides(TURN_US)
                ledger.set("mcu", "wait")
        world.busy_us(WAKE_US)

    def _woken(self):
        lines, level = self._ext1
        for line in lines:
            if line.level == level or line.floats:
                return True
        if self._gpio_is_on:
            for line, level in self._gpio.items():
                if line.level == level:
                    return True
        return False

    def _isolate(self):
        """Take the chip's drivers off the lines; returns those that float now."""
        exposed = self._board.exposed
        isolated = [exposed[number] for number in sorted(exposed)] if exposed else ()
        for line in isolated:
            self._say_once("lets an output float", line.number)
            line.isolate(True)
        for number in self._board.pwm_duties:
            if number not in self._board.pwm_kept and self._board.line(number).sleep_sel:
                self._say_once("lets an output float", number)
        for line in self._ext1[0]:
            if line.floats:
                self._say_once("lets an input float", line.number)
        return isolated

    def _complain(self):
        world = self._world
        for number, duty in self._board.pwm_duties.items():
            if duty and number not in self._board.pwm_kept:
                world.observe({"sleep": "stops a PWM", "pin": number})
        for line in self._gpio:
            if line.has_irq:
                world.observe(
                    {"sleep": "turns an edge interrupt into a level", "pin": line.number}
                )
        for port in self._board.ports:
            port.sleep_begins()

    def _say_once(self, what, number):
        # At each of four sleeps a second it would hide everything else.
        if (what, number) not in self._said:
            self._said.add((what, number))
            self._world.observe({"sleep": what, "pin": number})
