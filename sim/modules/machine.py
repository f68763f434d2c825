"""Stand-in for `machine` as on the ESP32-S3 port: the same calls, answered by models."""

import io
import time

from micropython import const

from sim.world import current, i2c

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

# The UART's hardware FIFO takes this many bytes beside the driver's ring.
_UART_FIFO_BYTES = const(128)
_STREAM_POLL = const(3)
_POLL_READ = const(1)
_POLL_WRITE = const(4)


def reset():
    current.board.reset("machine.reset")


def soft_reset():
    current.board.reset("machine.soft_reset")


def reset_cause():
    return current.board.reset_cause


def unique_id():
    return current.board.unique_id


def freq(hz=None):
    if hz is None:
        return current.board.freq_hz
    current.board.set_freq(hz)
    return None


def lightsleep(time_ms=None):
    """Sleep until a pin of esp32.wake_on_*() or the timer wakes the chip."""
    current.board.light_sleep.run(None if time_ms is None else time_ms * 1000)


def idle():
    current.world.step_to(current.world.now_us + 1000)


def disable_irq():
    return current.world.hold_irqs(True)


def enable_irq(state):
    current.world.hold_irqs(state)
    current.world.run_soft()


# The board is there before firmware imports this.
mem32 = current.board.registers


class Pin:
    """One GPIO; `Pin(n)` twice is one object, as on the chip."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __new__(cls, number, *args, **kwargs):
        line = current.board.line(number)
        return line.pin or line.belongs_to(object.__new__(cls))

    def __init__(self, number, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        self._line = current.board.line(number)
        self.init(mode, pull, value=value, hold=hold)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        line = self._line
        if hold is not None:
            raise NotImplementedError("the model has no hold: on a chip it may outlive a reset")
        if pull != -1:
            line.pull(1 if pull == self.PULL_UP else 0)
        if mode == self.IN:
            line.set_up_as_input()
            return
        if mode != -1:
            line.set_up(mode == self.OPEN_DRAIN)
        if value is not None or mode in (self.OUT, self.OPEN_DRAIN):
            self.value(line.level if value is None else value)

    def value(self, level=None):
        line = self._line
        if level is None:
            return 0 if line.rtc else line.level
        line.output(None if level and line.is_open_drain else int(bool(level)))
        return None

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3, wake=None):
        self._line.irq(handler, trigger)

    def __repr__(self):
        return "Pin(%d)" % self._line.number


def _number(pin):
    return pin._line.number if isinstance(pin, Pin) else pin


class I2C(i2c.Master):
    """The chip's own bus master: what holds the bus holds the VM for 100 ms a byte."""

    def __init__(self, id=0, *, scl, sda, freq=400_000, timeout=50_000):  # noqa: A002
        super().__init__(_bus(scl, sda), i2c.hardware_ns_per_byte(freq), None)


class SoftI2C(i2c.Master):
    """The port's bus master in software: `timeout` is in us, for each edge of the clock."""

    def __init__(self, scl, sda, *, freq=400_000, timeout=50_000):
        super().__init__(_bus(scl, sda), i2c.software_ns_per_byte(freq), timeout)


def _bus(scl, sda):
    return current.board.bus(_number(scl), _number(sda))


class UART(io.IOBase):
    """A serial port; the far end is `model`, which gets `on_bytes(data)` and calls `deliver`."""

    announces = True

    def __init__(self, id, baudrate=115_200, *, tx, rx, rxbuf=256, txbuf=256, timeout=0, **unused):  # noqa: A002
        self._world = current.world
        self._ns_per_byte = 10_000_000_000 // baudrate
        self._rx = bytearray()
        self._rx_limit = rxbuf
        self._tx_limit = txbuf + _UART_FIFO_BYTES
        self._tx_free_us = 0
        self.baudrate = baudrate
        self._sending = None
        current.board.ports.append(self)
        attach = current.board.uarts.get((_number(tx), _number(rx)))
        # The far end, which hears what is sent here.
        self._model = None if attach is None else attach(self)

    def init(self, baudrate=115_200, **unused):
        self.baudrate = baudrate
        self._ns_per_byte = 10_000_000_000 // baudrate

    def deinit(self):
        self._rx = bytearray()

    def any(self):
        return len(self._rx)

    def read(self, nbytes=-1):
        if not self._rx:
            return None
        data = bytes(self._rx if nbytes < 0 else self._rx[:nbytes])
        self._rx = self._rx[len(data) :]
        return data

    def readinto(self, buf, nbytes=None):
        n = min(len(buf) if nbytes is None else nbytes, len(self._rx))
        if not n:
            return None
        buf[:n] = self._rx[:n]
        self._rx = self._rx[n:]
        return n

    def readline(self):
        end = self._rx.find(b"\n")
        return self.read(end + 1 if end >= 0 else -1)

    def write(self, buf):
        """Blocks until all but `txbuf` bytes are on the wire, as the IDF driver does."""
        data = bytes(buf)
        world = self._world
        world.read_us()
        start_us = max(self._tx_free_us, world.now_us)
        self._tx_free_us = start_us + len(data) * self._ns_per_byte // 1000
        if self._model is not None:
            self._sending = world.at(self._tx_free_us, lambda: self._model.on_bytes(data))
        fits_us = self._tx_free_us - self._tx_limit * self._ns_per_byte // 1000
        if fits_us > world.now_us:
            world.busy_us(fits_us - world.now_us)
        return len(data)

    def flush(self):
        self._world.busy_us(max(0, self._tx_free_us - self._world.now_us))

    def txdone(self):
        return self._world.now_us >= self._tx_free_us

    def deliver(self, data):
        """The far end's bytes arrive now; what the ring cannot hold is lost, as on the chip.

        So is what came in while the chip slept or had not quite woken.
        """
        deaf = self._deaf(len(data))
        if deaf:
            self._world.observe({"uart": "asleep", "lost": deaf})
            data = data[deaf:]
        self._world.stream_news = True
        room = self._rx_limit - len(self._rx)
        self._rx.extend(data[:room])
        if len(data) > room:
            self._world.observe({"uart": "overflow", "lost": len(data) - room})

    def sleep_begins(self):
        """Light sleep stops the transmitter: what is not on the wire yet never will be."""
        if self._world.now_us < self._tx_free_us:
            self._world.observe({"sleep": "cuts a UART off"})
            self._world.cancel(self._sending)

    def _deaf(self, n):
        """How many of `n` bytes that are complete now came in too early to be heard."""
        world = self._world
        if world.asleep:
            return n
        first_us = world.now_us - n * self._ns_per_byte // 1000
        early_us = world.awake_since_us - first_us
        return min(n, max(0, -(-early_us * 1000 // self._ns_per_byte))) if early_us > 0 else 0

    def ioctl(self, request, flags):
        if request != _STREAM_POLL:
            return -1
        ready = flags & _POLL_WRITE
        return ready | _POLL_READ if flags & _POLL_READ and self._rx else ready


class PWM:
    """A square wave; models hear its duty in percent."""

    def __init__(
        self, pin, freq=5000, *, duty_u16=0, duty=None, duty_ns=None, invert=0, lightsleep=False
    ):
        if duty is not None or duty_ns is not None or invert:
            raise NotImplementedError("the model knows duty_u16 only")
        self._number = _number(pin)
        if lightsleep:
            current.board.pwm_kept.add(self._number)
        else:
            current.board.pwm_kept.discard(self._number)
        self._freq = freq
        # A pin may still carry the duty of an earlier PWM object.
        self._duty_u16 = None
        self.duty_u16(duty_u16)

    def init(self, *, freq=None, duty_u16=None):
        if freq is not None:
            self._freq = freq
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def freq(self, hz=None):
        if hz is None:
            return self._freq
        self._freq = hz
        return None

    def duty_u16(self, value=None):
        if value is None:
            return self._duty_u16
        if value == self._duty_u16:
            return None
        self._duty_u16 = value
        current.board.pwm_duties[self._number] = value
        listener = current.board.pwm_listeners.get(self._number)
        if listener is not None:
            listener(value)
        return None

    def deinit(self):
        self.duty_u16(0)


class ADC:
    """The voltage at a pin; no more than the attenuated converter can take."""

    ATTN_11DB = 3
    _MOST_UV = 3_100_000

    def __init__(self, pin, *, atten=0):
        if atten != self.ATTN_11DB:
            raise NotImplementedError("the model knows ATTN_11DB only")
        self._source = current.board.analog.get(_number(pin))

    def read_uv(self):
        return 0 if self._source is None else min(self._source.read_uv(), self._MOST_UV)


class WDT:
    """The watchdog; cannot be stopped."""

    def __init__(self, id=0, timeout=5000):  # noqa: A002
        current.board.watchdog.start(timeout)

    def feed(self):
        current.board.watchdog.feed()


class RTC:
    """Calendar time as (year, month, day, weekday, hour, minute, second, microsecond)."""

    def datetime(self, parts=None):
        rtc = current.board.rtc
        if parts is None:
            utc_us = rtc.utc_us()
            year, month, day, hour, minute, second, weekday = time.gmtime(utc_us // 1_000_000)[:7]
            return (year, month, day, weekday, hour, minute, second, utc_us % 1_000_000)
        year, month, day, _weekday, hour, minute, second, us = parts
        utc_s = time.mktime((year, month, day, hour, minute, second))
        rtc.set_utc_us(utc_s * 1_000_000 + us)
        return None
