"""What the badge draws from its battery: state x current x time, part by part.

Currents are microamperes on the battery's side, from hardware/power.toml; see docs/power.md. While
the chip runs (`world.ran_us`) it draws what it draws in "run", whatever state it is in. Nothing is
reckoned before a state changes or somebody asks.

How long the modem's radio stays up is the network's to say. So the modem is in the account once
more for each other timing that the figures know (`modem_timing_if`), beside the sum.
"""

_US_PER_HOUR = 3_600_000_000
_CHIP = "mcu"
_MODEM = "modem"


class Ledger:
    """Parts begin in their state "off"; a part or state that has no figure is an error."""

    def __init__(self, world, figures):
        self._world = world
        self._figures = dict(figures["parts"])
        self.battery_mah = figures["battery_mah"]
        # The names under which the modem is in the account, each with its timing.
        self.modem_timing = {_MODEM: figures["modem_timing"]}
        for case, timing in figures["modem_timing_if"].items():
            self.modem_timing[_MODEM + " " + case] = timing
            self._figures[_MODEM + " " + case] = self._figures[_MODEM]
        self._usable_percent = figures["usable_percent"]
        self._states = {}
        self._used = {}
        self._start_us = world.now_us
        self._ran_us = world.ran_us
        for part in self._figures:
            self._states[part] = [self._figures[part]["off"], world.now_us, "off"]
            self._used[part] = {}

    def set(self, part, state):
        """The part is in `state` from now on."""
        current = self._states[part]
        if current[2] != state:
            self._settle(part, current)
            current[0] = self._figures[part][state]
            current[2] = state

    def state(self, part):
        """The state that the part is in."""
        return self._states[part][2]

    def total_uah(self):
        """Drawn since the start, by everything."""
        for part, current in self._states.items():
            self._settle(part, current)
        total = 0
        for part, used in self._used.items():
            if part == _MODEM or part not in self.modem_timing:
                total += sum(used.values())
        return total // _US_PER_HOUR

    def report(self):
        """mAh in all and by part and state, the mean current, and the hours a battery lasts.

        "modem_if" has the modem's states with the other timings.
        """
        total_uah = self.total_uah()
        took_us = max(1, self._world.now_us - self._start_us)
        mean_ua = total_uah * _US_PER_HOUR // took_us
        usable_uah = self.battery_mah * 10 * self._usable_percent
        parts = {}
        for part, used in self._used.items():
            found = {state: _mah(uas) for state, uas in used.items() if uas}
            if found:
                parts[part] = found
        modem_if = {}
        for part in self.modem_timing:
            if part != _MODEM:
                modem_if[part[len(_MODEM) + 1 :]] = parts.pop(part, {})
        return {
            "energy": {
                "mah": total_uah / 1000,
                "hours": took_us / _US_PER_HOUR,
                "mean_ma": mean_ua / 1000,
                "battery_hours": usable_uah / mean_ua if mean_ua else None,
                "parts": parts,
                "modem_if": modem_if,
            }
        }

    def _settle(self, part, current):
        now_us = self._world.now_us
        used = self._used[part]
        us = now_us - current[1]
        current[1] = now_us
        if part == _CHIP and self._world.ran_us != self._ran_us:
            ran_us = self._world.ran_us - self._ran_us
            self._ran_us += ran_us
            used["run"] = used.get("run", 0) + ran_us * self._figures[_CHIP]["run"]
            us -= ran_us
        if us:
            used[current[2]] = used.get(current[2], 0) + us * current[0]


def _mah(ua_us):
    return ua_us / _US_PER_HOUR / 1000
