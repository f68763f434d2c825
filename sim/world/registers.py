"""The registers of the ESP32-S3 that firmware reaches by machine.mem32; any other is refused.

Addresses and bits are those of ESP-IDF, components/soc/esp32s3/include/soc: reg_base.h,
io_mux_reg.h (SLP_SEL of a pad), rtc_cntl_reg.h (the RTC watchdog, why the chip started) and
efuse_reg.h (how many times longer the watchdog's first stage lasts).
"""

_IO_MUX_GPIO0 = 0x6000_9004
_LAST_GPIO = 48
_SLP_SEL = 1 << 1
# EFUSE_RD_REPEAT_DATA1, of which WDT_DELAY_SEL (bits 16 and 17) is as the factory leaves it.
_FUSES = 0x6000_7000 + 0x34
_RTC = 0x6000_8000
_RESET_STATE = _RTC + 0x38
_WDT_CONFIG0 = _RTC + 0x98
_WDT_STAGE0 = _RTC + 0x9C
_WDT_FEED = _RTC + 0xAC
_WDT_PROTECT = _RTC + 0xB0
_WDT_KEY = 0x50D8_3AA1
_WDT_RUNS = 1 << 31
_WDT_PAUSES = 1 << 9


class RegisterError(ValueError):
    """A register that the model does not have; one sentence."""


class Registers:
    """What machine.mem32 is; `board` has the pads and the watchdog."""

    def __init__(self, board):
        self._board = board
        # The pads that were asked for: at each sleep the firmware sets several of them.
        self._pads = {}
        self._wdt_config = 0
        self._wdt_key = 0

    def __getitem__(self, address):
        pad = self._pad(address)
        if pad is not None:
            return _SLP_SEL if pad.sleep_sel else 0
        if address == _FUSES:
            return 0
        if address == _RESET_STATE:
            return self._board.reset_reason
        if address == _WDT_CONFIG0:
            return self._wdt_config
        if address == _WDT_STAGE0:
            return self._board.rtc_watchdog.ticks
        raise RegisterError("The model of the chip has no register at 0x%08x to read." % address)

    def __setitem__(self, address, value):
        pad = self._pad(address)
        if pad is not None:
            pad.set_sleep_sel(bool(value & _SLP_SEL))
        elif address == _WDT_PROTECT:
            self._wdt_key = value
        elif address in (_WDT_CONFIG0, _WDT_STAGE0, _WDT_FEED):
            if self._wdt_key == _WDT_KEY:
                self._set_watchdog(address, value)
        else:
            raise RegisterError(
                "The model of the chip has no register at 0x%08x to set." % address
            )

    def _pad(self, address):
        pad = self._pads.get(address)
        if pad is None and _IO_MUX_GPIO0 <= address <= _IO_MUX_GPIO0 + 4 * _LAST_GPIO:
            number, rest = divmod(address - _IO_MUX_GPIO0, 4)
            if not rest:
                pad = self._pads[address] = self._board.line(number)
        return pad

    def _set_watchdog(self, address, value):
        watchdog = self._board.rtc_watchdog
        if address == _WDT_CONFIG0:
            self._wdt_config = value
            watchdog.configure(bool(value & _WDT_RUNS), bool(value & _WDT_PAUSES))
        elif address == _WDT_STAGE0:
            watchdog.set_ticks(value)
        watchdog.feed()
