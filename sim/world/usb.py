"""The badge's USB port: what firmware sees as sys.stdin and sys.stdout.

Without a host (`Port`) a scenario types lines and the console is the simulator's own output; with
one (`FilePort`) both are the terminal that the simulator was started on.
"""

import io
import select
import sys

import micropython

_CTRL_C = 3
_STREAM_POLL = 3
_READ = 1
_WRITE = 4
# Anything else is taken for the number of a file that poll() then asks the host about.
_NOT_SUPPORTED = -1
# MICROPY_HW_USB_CDC_TX_TIMEOUT, and TinyUSB's buffer for what is sent.
_WRITE_GIVES_UP_US = 500_000
_BUFFER_BYTES = 256


class _Stream(io.IOBase):
    """As on the chip: `buffer` is the same port in bytes."""

    @property
    def buffer(self):
        return self


class TypedInput(_Stream):
    """What a scenario types; blocks like the chip's stdin only in that it returns all or none."""

    announces = True

    def __init__(self, world):
        self._world = world
        self._typed = bytearray()

    def type(self, data):
        """Bytes arrive from the host."""
        self._typed.extend(data)
        self._world.stream_news = True

    def clear(self):
        """Ctrl-C drops what was typed before it (mp_usbd_cdc.c)."""
        self._typed = bytearray()

    def read(self, nbytes=-1):
        data = bytes(self._typed if nbytes < 0 else self._typed[:nbytes])
        self._typed = self._typed[len(data) :]
        return data

    def readinto(self, buf):
        data = self.read(len(buf))
        buf[: len(data)] = data
        return len(data)

    def ioctl(self, request, flags):
        if request != _STREAM_POLL:
            return _NOT_SUPPORTED
        return _READ if flags & _READ and self._typed else 0


class PrintedOutput(_Stream):
    """Whole lines go to the simulator's output; `stuck` is a host that keeps the port open.

    As on the chip (ports/esp32/mphalport.c, shared/tinyusb/mp_usbd_cdc.c): poll() always finds
    room; once the buffer is full each write() waits 500 ms in vain, says that all went, and drops
    it. What the buffer holds is read when the host reads again.
    """

    def __init__(self, output, world, is_heard=False):
        self._output = output
        self._world = world
        self._line = bytearray()
        self._unread = None
        # Every line is observed; and whether the log's are printed as they are told to `take`.
        self._is_heard = is_heard
        self._takes_log = False

    def begins(self):
        """From now on the application gives its log to `take`."""
        self._takes_log = True

    def take(self, line):
        """An event of the application."""
        self._output.write(line + "\n")

    def stick(self, is_stuck):
        """The host no longer reads, or reads again."""
        if is_stuck:
            self._unread = self._unread or bytearray()
        elif self._unread is not None:
            unread, self._unread = self._unread, None
            self._print(unread)

    def write(self, data):
        raw = bytes(data, "utf-8") if isinstance(data, str) else bytes(data)
        if self._unread is None:
            self._print(raw)
            return len(data)
        room = _BUFFER_BYTES - len(self._unread)
        self._unread.extend(raw[:room])
        if len(raw) > room:
            self._world.observe({"usb": "stalls", "lost": len(raw) - room})
            self._world.busy_us(_WRITE_GIVES_UP_US)
        return len(data)

    def _print(self, raw):
        for byte in raw:
            if byte == 0x0A:
                self._print_line(bytes(self._line).decode())
                self._line = bytearray()
            elif byte != 0x0D:
                self._line.append(byte)

    def _print_line(self, line):
        if self._is_heard:
            self._world.observe({"usb_line": line})
        if not self._takes_log or not line.startswith("# "):
            self._output.write(line + "\n")

    def ioctl(self, request, flags):
        return flags & _WRITE if request == _STREAM_POLL else _NOT_SUPPORTED


class FileInput(_Stream):
    """The terminal's input; wakes the world when something was typed."""

    def __init__(self, world):
        self._world = world
        self._file = sys.stdin.buffer
        self._poller = select.poll()
        self._poller.register(self._file, select.POLLIN)
        self._typed = bytearray()

    def type(self, data):
        """Bytes that a terminal does not pass on: Ctrl-C."""
        self._typed.extend(data)

    def read(self, nbytes=-1):
        if self._typed and nbytes > 0:
            data = bytes(self._typed[:nbytes])
            self._typed = self._typed[len(data) :]
            return data
        return self._file.read(nbytes)

    def readinto(self, buf):
        return self._file.readinto(buf)

    def ioctl(self, request, flags):
        if request != _STREAM_POLL:
            return _NOT_SUPPORTED
        if not flags & _READ:
            return 0
        if self._typed or self._poller.poll(0):
            return _READ
        self._world.watch_fd(self._file, self._wake)
        return 0

    def _wake(self):
        # Watched again when the firmware next waits: unread input must not keep the world awake.
        self._world.unwatch_fd(self._file)


class FileOutput(_Stream):
    """The terminal's output."""

    def __init__(self):
        self._file = sys.stdout.buffer
        self._poller = select.poll()
        self._poller.register(self._file, select.POLLOUT)

    def write(self, data):
        return self._file.write(data)

    def ioctl(self, request, flags):
        if request != _STREAM_POLL:
            return _NOT_SUPPORTED
        return _WRITE if flags & _WRITE and self._poller.poll(0) else 0


class Poll:
    """`select.poll` over stand-in streams: asks each directly, and waits in the world's time.

    The unix port's own looks at the host's files first, which takes a real millisecond a call.
    """

    world = None

    def __init__(self):
        self._streams = []

    def register(self, stream, flags=_READ | _WRITE):
        self.unregister(stream)
        self._streams.append((stream, flags))

    def unregister(self, stream):
        self._streams = [entry for entry in self._streams if entry[0] is not stream]

    def poll(self, timeout=-1):
        return list(self.ipoll(timeout))

    def ipoll(self, timeout=-1):
        until_us = None if timeout < 0 else self.world.now_us + timeout * 1000
        while True:
            ready = [(one, one.ioctl(_STREAM_POLL, flags)) for one, flags in self._streams]
            ready = [entry for entry in ready if entry[1]]
            if ready or (until_us is not None and self.world.now_us >= until_us):
                return ready
            self.world.busy_us(1000)


def install(world, stdin, stdout):
    """Put the port in place of the interpreter's own, for whatever imports `sys` from now on."""

    class Sys:
        """`sys` whose stdin and stdout are the badge's USB port."""

    class Select:
        """`select` that knows the port."""

    class Micropython:
        """`micropython` that knows which byte interrupts."""

    def kbd_intr(char):
        world.break_by_typing(char == _CTRL_C)

    _copy_names(sys, Sys)
    _copy_names(select, Select)
    _copy_names(micropython, Micropython)
    Micropython.kbd_intr = staticmethod(kbd_intr)
    sys.modules["micropython"] = Micropython
    Sys.stdin = stdin
    Sys.stdout = stdout
    Poll.world = world
    Select.poll = Poll
    sys.modules["sys"] = Sys
    sys.modules["select"] = Select


def _copy_names(module, to):
    for name in dir(module):
        if not name.startswith("__"):
            setattr(to, name, getattr(module, name))
