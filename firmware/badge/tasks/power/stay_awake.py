"""What keeps the chip from sleeping: cable, what is felt, modem, BLE, satellites, active pins."""

from badge.core.portable import const

# USB may be connected, or nobody can tell: look again so often.
_USB_LOOK_MS = const(250)
_OUTPUT_LOOK_MS = const(20)
# The BLE controller stops in light sleep, and who is connected is cut off; so does a serial line.
_ON_LOOK_MS = const(1_000)


class StayAwake:
    """Asked before each sleep, which it lets the modem have too.

    `power` is the PowerTask, `is_feeling()` whether the wearer is told something just now, `pins`
    the WakePins; `radio` is a Radio (assembly/parts.py), or None.
    """

    def __init__(self, power, is_feeling, radio, pins):
        self._power = power
        self._is_feeling = is_feeling
        self._radio = radio
        self._pins = pins

    def awake_ms(self, now_ms):
        """For how long the chip must stay awake; 0: it may sleep, and every pin can wake it."""
        if self._power.vbus is not False:
            return _USB_LOOK_MS
        if self._is_feeling():
            return _OUTPUT_LOOK_MS
        radio = self._radio
        if radio is not None:
            for task in (radio.gnss,) + radio.on_air:  # noqa: RUF005  MicroPython
                if task is not None and task.is_on:
                    return _ON_LOOK_MS
        stay_ms = 0 if radio is None else radio.bearer.awake_ms(now_ms, radio.link.is_open)
        if stay_ms:
            return stay_ms
        stay_ms = self._pins.awake_ms(now_ms)
        if not stay_ms and radio is not None:
            radio.bearer.rest(now_ms)
        return stay_ms
