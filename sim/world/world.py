"""The world: time in microseconds, an agenda of events, and what the world has seen.

Fast mode jumps to the next event, live mode waits for the wall clock. Events are what hardware
does, so they happen at their time even while the VM is stalled; soft interrupts are what the VM
does, so they wait until the stall is over.
"""

import heapq
import json
import select
import sys

import utime
from micropython import const

from sim.halt import END, Halt
from sim.options.option import meant
from sim.stalls import STALLS_MS

# The ESP32 port's scheduler queue: a ninth pending call is dropped (mpconfigport.h:73).
_SOFT_IRQ_DEPTH = const(8)
# Reading the clock is free until a program does it this often without waiting: then it is a busy
# loop, and time has to move or fast mode would never leave it.
_FREE_READS = const(500)
_BUSY_READ_US = const(20)
# 62-bit ticks of the unix port; only differences are used.
_TICKS_US = utime.ticks_us


class World:
    """Time, events and observations; `live` selects the wall clock, `stalls` scales STALLS_MS."""

    def __init__(self, live=False, start_us=0, stalls=None, output=None):
        self.now_us = start_us
        self.live = live
        self.stalled = False
        # In light sleep (sim/world/sleep.py); the UART hears only what comes after the wake.
        self.asleep = False
        self.asleep_since_us = 0
        self.sleeps = 0
        self.awake_since_us = 0
        # A stream that announces itself may have become ready (sim/world/aio.py).
        self.stream_news = False
        # How long the chip has run on top of what its state says; the ledger's to charge.
        self.ran_us = 0
        # What the parts draw.
        self.ledger = None
        self.halted = None
        self.at_prompt = None
        # Who hears each fact, beside the output.
        self._hears = None
        self._output = output or sys.stdout
        self._stalls_ms = _stall_table(stalls)
        self._agenda = []
        self._order = 0
        # Soft interrupts that wait for their turn.
        self.soft = []
        self._in_soft = False
        # Reads of the clock that cost nothing; none in live mode, where each follows the wall.
        self._free_reads = 0 if live else _FREE_READS
        self.free_reads = self._free_reads
        self._watched = []
        self._break = False
        # Whether Ctrl-C interrupts the VM; as it is when main.py starts (pyexec.c).
        self.breaks = True
        self._wall_origin_us = _TICKS_US() - start_us

    def at(self, t_us, callback):
        """Call `callback()` at world time `t_us`; returns a handle for cancel()."""
        self._order += 1
        event = [t_us, self._order, callback]
        heapq.heappush(self._agenda, event)
        return event

    def after(self, delay_us, callback):
        """Call `callback()` `delay_us` from now; returns a handle for cancel()."""
        return self.at(self.now_us + delay_us, callback)

    def cancel(self, event):
        """Take back an event; harmless when it is over or None."""
        if event is not None:
            event[2] = None

    def next_us(self):
        """World time of the next event, or None."""
        agenda = self._agenda
        while agenda and agenda[0][2] is None:
            heapq.heappop(agenda)
        return agenda[0][0] if agenda else None

    def observe(self, facts):
        """Print one fact of the world as `@ ` and JSON, dated with `t_ms`."""
        whole_ms, rest_us = divmod(self.now_us, 1000)
        line = '@ {"t_ms": %d.%03d, %s\n' % (whole_ms, rest_us, json.dumps(facts)[1:])
        self._output.write(line)
        if self._hears is not None:
            self._hears(facts)

    def heard_by(self, hears):
        """Call `hears(facts)` with each observation, in the middle of what makes it."""
        self._hears = hears

    def read_us(self):
        """The time as the firmware reads it; a busy loop on it makes time pass."""
        if self.live:
            self._follow_wall()
            return self.now_us
        if self.free_reads:
            self.free_reads -= 1
        else:
            self.busy_us(_BUSY_READ_US)
        return self.now_us

    def busy_us(self, us):
        """The VM is blocked for `us`: hardware goes on, soft interrupts wait for the end."""
        if self.halted is not None:
            raise self.halted
        if us > 0:
            self.ran_us += us
            end_us = self.now_us + us
            if self.live or (self._agenda and self._agenda[0][0] <= end_us):
                outer = self.stalled
                self.stalled = True
                try:
                    self._pass_until(end_us)
                finally:
                    self.stalled = outer
            else:
                self.now_us = end_us
        if self.soft:
            self.run_soft()

    def doze_us(self, us):
        """The VM sleeps for `us` in C, which runs soft interrupts (mp_hal_delay_ms)."""
        end_us = self.now_us + us
        while self.now_us < end_us:
            self.step_to(end_us)

    def stall(self, name, observe=True):
        """Charge the stall `name` of the table (sim/stalls.py)."""
        ms = self._stalls_ms[name]
        if ms:
            if observe:
                self.observe({"stall": name, "ms": ms})
            self.busy_us(int(ms * 1000))

    def stall_ms(self, name):
        """What the stall `name` costs in this run."""
        return self._stalls_ms[name]

    def quiet_stalls(self):
        """Stop charging stalls (what happens before the power is on); returns the table."""
        table = self._stalls_ms
        self._stalls_ms = _stall_table("off")
        return table

    def restore_stalls(self, table):
        """Charge stalls again."""
        self._stalls_ms = table

    def soft_irq(self, handler, argument):
        """Schedule a soft interrupt handler, as mp_sched_schedule does: dropped when full."""
        if len(self.soft) >= _SOFT_IRQ_DEPTH:
            self.observe({"irq": "dropped"})
            return
        self.soft.append((handler, argument))

    def run_soft(self):
        """Run the pending soft interrupts, unless the VM is stalled or already in one."""
        if self.stalled or self._in_soft:
            return
        self._in_soft = True
        try:
            while self.soft:
                handler, argument = self.soft.pop(0)
                self._run_handler(handler, argument)
        finally:
            self._in_soft = False

    def step_to(self, limit_us):
        """Idle until `limit_us` (None: for ever) or the next event; runs what is due then.

        Live mode also returns early for a watched file, so callers look around after each step.
        """
        # Firmware may have caught the Halt in a `finally`; the chip is off all the same.
        if self.halted is not None:
            raise self.halted
        self.free_reads = self._free_reads
        next_us = self.next_us()
        if limit_us is None or (next_us is not None and next_us < limit_us):
            limit_us = next_us
        if self.live:
            self._wait_wall(limit_us)
        elif limit_us is None:
            raise Halt(END, "nothing will ever happen again")
        elif limit_us > self.now_us:
            self.now_us = limit_us
        if self.live or (next_us is not None and next_us <= self.now_us):
            self._run_due()
        if self.soft:
            self.run_soft()
        if self._break:
            self._break = False
            self.observe({"usb": "break"})
            raise KeyboardInterrupt

    def interrupt(self):
        """Ctrl-C on the console: raised where the VM next waits, never inside a model.

        False while it interrupts nothing (micropython.kbd_intr): it is typed, as any byte.
        """
        if not self.breaks:
            self.observe({"usb": "break", "typed": True})
            return False
        self._break = True
        return True

    def hold_irqs(self, held):
        """Soft interrupts wait, or no longer; returns whether they did."""
        was, self.stalled = self.stalled, held
        return was

    def fall_asleep(self):
        """Light sleep begins: the UART is deaf, soft interrupts wait."""
        self.asleep_since_us = self.now_us
        self.asleep = self.stalled = True

    def awake(self, wake_us):
        """It is over, and the chip is up after so long."""
        self.asleep = self.stalled = False
        self.sleeps += 1
        self.awake_since_us = self.now_us + wake_us

    def run_besides(self, us):
        """Charge the chip for so long, in which no time passes here."""
        self.ran_us += us

    def skip_us(self, us):
        """Time passes in which nothing happens: what was due then does not come."""
        self.now_us += us

    def charge_to(self, ledger):
        """What the parts draw is counted here from now on."""
        self.ledger = ledger

    def break_by_typing(self, on):
        """Whether Ctrl-C interrupts the VM, or is a byte as any other."""
        self.breaks = on

    def enter_prompt(self, leave):
        """The interpreter's own prompt runs, which would only print a Halt: `leave(code)` ends."""
        self.at_prompt = leave

    def keep_going(self):
        """The firmware is over but the world is not: run it until somebody halts it."""
        while True:
            try:
                self.step_to(None)
            except KeyboardInterrupt:
                # Ctrl-C at the prompt stops nothing.
                continue

    def watch_fd(self, stream, callback, flags=1):
        """Live mode: call `callback()` whenever the file or socket is ready (to read)."""
        self.unwatch_fd(stream)
        self._watched.append((stream, callback, flags))

    def unwatch_fd(self, stream):
        """No longer watch the stream."""
        self._watched = [entry for entry in self._watched if entry[0] is not stream]

    def halt(self, code, why):
        """End the run: raises Halt now and in whatever touches the world from here on."""
        if self.at_prompt is not None:
            self.at_prompt(code)
        self.halted = Halt(code, why)
        raise self.halted

    def _run_due(self):
        agenda = self._agenda
        while agenda and agenda[0][0] <= self.now_us:
            callback = heapq.heappop(agenda)[2]
            if callback is not None:
                callback()

    def _pass_until(self, end_us):
        if self.live:
            while self.now_us < end_us:
                next_us = self.next_us()
                self._wait_wall(end_us if next_us is None else min(next_us, end_us))
                self._run_due()
            return
        agenda = self._agenda
        while agenda and agenda[0][0] <= end_us:
            event = heapq.heappop(agenda)
            if event[2] is None:
                continue
            self.now_us = max(self.now_us, event[0])
            event[2]()
        self.now_us = max(self.now_us, end_us)

    def _run_handler(self, handler, argument):
        try:
            handler(argument)
        # The port prints it and goes on; a silent loss here would hide a firmware defect.
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error, sys.stderr)
            self.observe({"irq": "raised", "error": repr(error)})

    def _follow_wall(self):
        self.now_us = max(self.now_us, _TICKS_US() - self._wall_origin_us)

    def _wait_wall(self, until_us):
        self._follow_wall()
        wait_ms = -1 if until_us is None else max(0, (until_us - self.now_us + 999) // 1000)
        if self._watched:
            self._poll_watched(wait_ms)
        elif wait_ms > 0:
            utime.sleep_ms(wait_ms)
        elif until_us is None:
            raise Halt(END, "nothing will ever happen again")
        self._follow_wall()

    def _poll_watched(self, wait_ms):
        poller = select.poll()
        for stream, _callback, flags in self._watched:
            poller.register(stream, flags)
        ready = [entry[0] for entry in poller.poll(wait_ms)]
        self._follow_wall()
        for stream, callback, _flags in list(self._watched):
            if any(stream is one for one in ready):
                callback()


def _stall_table(wanted):
    if wanted == "off":
        return dict.fromkeys(STALLS_MS, 0)
    table = dict(STALLS_MS)
    for name, ms in (wanted or {}).items():
        if name not in table:
            raise ValueError("There is no stall %r: %s" % (name, meant(name, table)))
        table[name] = ms
    return table
