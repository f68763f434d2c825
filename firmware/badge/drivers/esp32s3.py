"""Registers of the ESP32-S3 for which MicroPython has no call: pads and watchdog in light sleep.

Addresses and bits: ESP-IDF v5.5, components/soc/esp32s3/include/soc (reg_base.h, io_mux_reg.h,
rtc_cntl_reg.h, efuse_reg.h, reset_reasons.h), and hal/esp32s3/include/hal/rwdt_ll.h.
"""

from badge.core.portable import const

_IO_MUX_GPIO0 = 0x6000_9004
# The pad takes in sleep what is set for sleep, which ESP-IDF sets to isolated.
_SLP_SEL = const(2)
_RTC = 0x6000_8000
_RESET_STATE = _RTC + 0x38
_REASON_MASK = const(0x3F)
_SYS_BROWN_OUT = const(0x0F)

_WDT_CONFIG0 = _RTC + 0x98
_WDT_STAGE0 = _RTC + 0x9C
_WDT_FEED = _RTC + 0xAC
_WDT_PROTECT = _RTC + 0xB0
_WDT_KEY = 0x50D8_3AA1
_WDT_FED = 1 << 31
# Enabled; stage 0 resets the system; both reset signals 3.2 us; it goes on in sleep (bit 9 is 0).
_WDT_ON = 1 << 31 | 3 << 28 | 7 << 16 | 7 << 13
# Stage 0 lasts twice as many ticks as are set, or more where this fuse says so.
_FUSES = 0x6000_7000 + 0x34
_DELAY_AT = const(16)
_DELAY_MASK = const(3)
# The RC oscillator that it counts, off by several percent from chip to chip.
_SLOW_CLOCK_HZ = const(136_000)


class Esp32s3:
    """What the chip does in light sleep; `registers` is machine.mem32, `kept_pads` GPIO numbers.

    `lightsleep(ms)` is machine's. A sleep must end within `sleep_limit_ms`, or the chip starts
    again: the task watchdog stands still in light sleep. Nothing here allocates: it runs at every
    sleep.
    """

    def __init__(self, registers, kept_pads, sleep_limit_ms, lightsleep):
        self._registers = registers
        self._lightsleep = lightsleep
        # Made once: numbers of 32 bits are objects.
        self._pads = tuple([_IO_MUX_GPIO0 + 4 * number for number in kept_pads])
        self._halved = 1 + (registers[_FUSES] >> _DELAY_AT & _DELAY_MASK)
        self._limit_ticks = self._ticks(sleep_limit_ms)

    def browned_out(self):
        """Whether the supply dipped: the port calls that a power-on."""
        return self._registers[_RESET_STATE] & _REASON_MASK == _SYS_BROWN_OUT

    def reset_within(self, limit_ms):
        """The chip resets itself after so long, whatever is typed at its prompt meanwhile."""
        self._limit(self._ticks(limit_ms))

    def sleep(self, sleep_ms):
        """Sleep until a pin wakes or the time is over; outputs keep their level."""
        self._before_sleep()
        try:
            self._lightsleep(sleep_ms)
        finally:
            # Whoever stops the badge here is an engineer, whom this watchdog must not bite.
            self.after_sleep()

    def _before_sleep(self):
        registers = self._registers
        for pad in self._pads:
            # Each time: to set up a PWM or a pin may set it again.
            if registers[pad] & _SLP_SEL:
                registers[pad] &= ~_SLP_SEL
        self._limit(self._limit_ticks)

    def after_sleep(self):
        """Awake, the task watchdog is enough; at the prompt this one would bite an engineer."""
        registers = self._registers
        registers[_WDT_PROTECT] = _WDT_KEY
        registers[_WDT_CONFIG0] = 0
        registers[_WDT_PROTECT] = 0

    def _ticks(self, limit_ms):
        return (limit_ms * _SLOW_CLOCK_HZ // 1000) >> self._halved

    def _limit(self, ticks):
        registers = self._registers
        registers[_WDT_PROTECT] = _WDT_KEY
        registers[_WDT_STAGE0] = ticks
        registers[_WDT_CONFIG0] = _WDT_ON
        registers[_WDT_FEED] = _WDT_FED
        registers[_WDT_PROTECT] = 0
