"""The registers of the ESP32-S3 that firmware reaches by machine.mem32; any other is refused.

Addresses and bits are those of ESP-IDF, components/soc/esp32s3/include/soc: reg_base.h,
io_mux_reg.h (SLP_SEL of a pad), rtc_cntl_reg.h (the RTC watchdog, why the chip started) and
efuse_reg.h (how many times longer the watchdog's first stage lasts).
"""

from micropython import const

_IO_MUX_GPIO0 = const(0x6000_9004)
_LAST_GPIO = const(48)
_SLP_SEL = const(1 << 1)
# EFUSE_RD_REPEAT_DATA1, of which WDT_DELAY_SEL (bits 16 and 17) is as the factory leaves it.
_FUSES = const(0x6000_7000 + 0x34)
_RTC = const(0x6000_8000)
_RESET_STATE = const(_RTC + 0x38)
_WDT_CONFIG0 = const(_RTC + 0x98)
_WDT_STAGE0 = const(_RTC + 0x9C)
_WDT_FEED = const(_RTC + 0xAC)
_WDT_PROTECT = const(_RTC + 0xB0)
_WDT_KEY = const(0x50D8_3AA1)
_WDT_RUNS = const(1 << 31)
_WDT_PAUSES = const(1 << 9)


class RegisterError(ValueError):
    """A register that the model does not have; one sentence."""


class Registers:
    """What machine.mem32 is; `board` has the pads and the watchdog."""

    def __init__(self, board):
        self._board = board
        self._watchdog = board.rtc_watchdog
        # The pads that were asked for. At each sleep the firmware reads several of them, and sets
        # the watchdog twice: both are found without a further call.
        self._pads = {}
        self._sleep_sel = {}
        self._wdt = {_WDT_CONFIG0: 0, _WDT_STAGE0: 0, _WDT_FEED: 0}
        self._wdt_key = 0

    def __getitem__(self, address):
        value = self._sleep_sel.get(address)
        return self._read(address) if value is None else value

    def __setitem__(self, address, value):
        if address == _WDT_PROTECT:
            self._wdt_key = value
        elif address in self._wdt:
            # A setting that stays as it is changes nothing for the watchdog; to feed it does.
            if self._wdt_key != _WDT_KEY:
                return
            wdt = self._wdt
            if address == _WDT_FEED:
                self._watchdog.fed()
            elif value != wdt[address]:
                wdt[address] = value
                config = wdt[_WDT_CONFIG0]
                if config & _WDT_RUNS:
                    self._watchdog.feed(wdt[_WDT_STAGE0], config & _WDT_PAUSES)
                else:
                    self._watchdog.stop()
        else:
            pad = self._pads.get(address) or self._new_pad(address)
            if pad is None:
                raise RegisterError(
                    "The model of the chip has no register at 0x%08x to set." % address
                )
            pad.set_sleep_sel(bool(value & _SLP_SEL))
            self._sleep_sel[address] = value & _SLP_SEL

    def _read(self, address):
        if address == _FUSES:
            return 0
        if address == _RESET_STATE:
            return self._board.reset_reason
        if address in (_WDT_CONFIG0, _WDT_STAGE0):
            return self._wdt[address]
        if self._new_pad(address) is None:
            raise RegisterError(
                "The model of the chip has no register at 0x%08x to read." % address
            )
        return self[address]

    def _new_pad(self, address):
        """The line of a pad's register; None when this is none."""
        number, rest = divmod(address - _IO_MUX_GPIO0, 4)
        if rest or not 0 <= number <= _LAST_GPIO:
            return None
        pad = self._pads[address] = self._board.line(number)
        self._sleep_sel[address] = _SLP_SEL if pad.sleep_sel else 0
        return pad
