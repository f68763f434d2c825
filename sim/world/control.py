"""Plans the verbs of a scenario, and takes those that are typed to a live badge."""

import json
import sys

from sim.halt import END
from sim.options import verbs
from sim.options.verb import STATE
from sim.world.awaited import Awaited


class Control:
    """Takes `{"do": verb, ...}` of sim/options/verbs.py and has it done by `deeds`."""

    def __init__(self, world, deeds):
        self._world = world
        self._deeds = deeds
        self._stream = None
        self._awaited = Awaited(world, lambda verb, given: deeds.do(verb, given, world.now_us))

    def plan(self, events, end_us=None):
        """Put a scenario's events on the agenda; of those already past only what lasts counts.

        Raises ValueError, before any of them is done, for one that cannot be, or not by `end_us`.
        """
        now_us = self._world.now_us
        planned = sorted(_one_by_one(events), key=lambda one: one[0])
        for event in events:
            if "once" in event:
                verb, arguments, timing = verbs.parse(event, verbs.AWAITED)
                self._deeds.check(verb, arguments)
                self._awaited.add(verb, arguments, timing)
        for at_us, verb, arguments in planned:
            if end_us is not None and at_us > end_us:
                raise ValueError(
                    "The scenario ends at %d ms, before its '%s' at %d ms."
                    % (end_us // 1000, verb.name, at_us // 1000)
                )
            self._deeds.check(verb, arguments)
        for at_us, verb, arguments in planned:
            if at_us >= now_us:
                self._world.at(at_us, self._doing(verb, arguments))
            elif verb.lasts == STATE:
                self._deeds.do(verb, arguments, at_us)
            elif verb.lasts and arguments[verb.lasts] is not None:
                rest_ms = (at_us - now_us) / 1000 + arguments[verb.lasts]
                if rest_ms > 0:
                    rest = dict(arguments)
                    rest[verb.lasts] = rest_ms
                    self._deeds.do(verb, rest, now_us)

    def listen(self, stream=None):
        """Live mode: one JSON object a line on `stream` (stdin), done now or in `in_ms`.

        The end of the stream is the end.
        """
        self._stream = stream or sys.stdin
        self._world.watch_fd(self._stream, self._on_line)

    def _doing(self, verb, arguments):
        return lambda: self._deeds.do(verb, arguments, self._world.now_us)

    def _on_line(self):
        line = self._stream.readline()
        if not line:
            self._world.halt(END, "the control stream was closed")
        try:
            verb, arguments, timing = verbs.parse(json.loads(line), verbs.TYPED)
            self._deeds.check(verb, arguments)
        except ValueError as error:
            self._refuse(line, error)
            return
        in_us = int(timing.get("in_ms", 0) * 1000)
        if in_us > 0:
            self._world.after(in_us, self._doing(verb, arguments))
        else:
            self._deeds.do(verb, arguments, self._world.now_us)

    def _refuse(self, line, error):
        self._world.observe({"control": "refused", "why": str(error), "line": line.strip()})


def _one_by_one(events):
    """(at_us, verb, arguments) of each event, as often as it comes."""
    for event in events:
        if "once" in event:
            continue
        verb, arguments, timing = verbs.parse(event, verbs.WHEN)
        at_ms = timing["at_ms"]
        every_ms, until_ms = timing.get("every_ms"), timing.get("until_ms")
        yield int(at_ms * 1000), verb, arguments
        while every_ms and at_ms + every_ms <= until_ms:
            at_ms += every_ms
            yield int(at_ms * 1000), verb, arguments
