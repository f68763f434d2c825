"""Man-down: the fall detector and the conditions that feed on what it keeps."""

from array import array

from badge.core.body.conditions import Conditions
from badge.core.detector import before_impact, detect, params
from badge.core.detector import gap as gaps
from badge.core.portable import const

_SECOND_MASK = const(7)
_CLOCK_MASK = const(0x3FFFFFFF)
_HALF_A_BLOW = const(4)


class ManDown:
    """Owns the detector's state; remembers the evidence of the last fall for the alarm record.

    `step_block` is the detector's kernel, or one that gives the same bits.
    """

    def __init__(self, config, step_block=detect.step_block):
        self._step_block = step_block
        self.params = params.build(config)
        self.state = array("i", [0] * detect.STATE_WORDS)
        self.conditions = Conditions(config, self.params[detect.P_IMPACT_Q])
        self.peak_mg = 0
        self.tilt_deg = 0
        self._fill = 0
        self._judged_clock = 0
        self._second_over = False
        self.gap = gaps.Gap()
        self._blow_mg = 0
        self._made_up_clock = None
        self._doubt_points = 0
        self._doubt_blocks = 0
        # What no points are, in the kernel's count: it begins at the base of the verifier's table.
        self._no_points = self.params[detect.P_FALL_POINTS] - config.fall_points
        self.reset()

    def reset(self):
        """Forget all motion seen, as after a gap in the samples that makes posture unknown.

        What the conditions hold stays held: a gap is no sign that the wearer is well.
        """
        detect.reset(self.state)
        self._fill = 0
        self._made_up_clock = None
        self._ask_fewer(0)

    def bridge(self, before, after, samples, shaken, n_shaken):
        """So many samples are missing between two that are there: fill_gap() gives them.

        `shaken` has the last `n_shaken` samples before them. Forget it all with reset() when the
        gap is longer than gap.LONGEST_SAMPLES.
        """
        self._doubt_blocks = gaps.DOUBT_BLOCKS
        self._ask_fewer(max(self._doubt_points, gaps.doubt_points(samples)))
        self.gap.between(before, after, samples)
        self._blow_mg = self.gap.blow_mg(shaken, n_shaken, self.state)
        if self._blow_mg:
            self._made_up_clock = (self.state[detect.S_CLOCK] + samples // 2) & _CLOCK_MASK

    def fill_gap(self, dst, first, n):
        """Put what stands for the missing samples [first, first + n) into `dst`, for feed()."""
        self.gap.fill(dst, first, n, self._blow_mg)

    def room(self):
        """Return how many samples complete the block: the most that feed() takes."""
        return detect.BLOCK_SAMPLES - self._fill

    def feed(self, samples, n):
        """Run the detector over the first `n` samples (array of 3 * n words); return EV_ bits.

        At most one block ends in it, so that each decision is told when it is made.
        """
        if n < 0 or 3 * n > len(samples):
            raise ValueError("A motion chunk holds fewer samples than it says.")
        if n > detect.BLOCK_SAMPLES - self._fill:
            raise ValueError("A motion chunk goes over the end of its block.")
        self._fill = (self._fill + n) % detect.BLOCK_SAMPLES
        # A verdict goes on to the next impact at once, so the one that it is about is noted first.
        self._judged_clock = self.state[detect.S_ANCHOR_CLOCK]
        bits = self._step_block(self.state, samples, n, self.params)
        if self._doubt_blocks and n and not self._fill:
            self._doubt_blocks -= 1
            if not self._doubt_blocks:
                self._ask_fewer(0)
        self._second_over = (
            n > 0 and self._fill == 0 and self.state[detect.S_BLOCKS] & _SECOND_MASK == 0
        )
        if bits & (detect.EV_FALL | detect.EV_REJECTED):
            self._hear_verdict(bits)
        if bits & detect.EV_CONFIRMED:
            self.conditions.stayed_down()
        if bits & detect.EV_RECOVERED:
            self.conditions.recovered()
        return bits

    def is_judging(self):
        """True from an impact until the detector's last verdict on it."""
        return self.state[detect.S_PHASE] != detect.PHASE_IDLE

    def has_second(self):
        """True when the last feed() ended a second for Conditions.second()."""
        return self._second_over

    def samples_since_impact(self):
        """Return how many samples ago the anchored impact's block ended."""
        return self._since(self.state[detect.S_ANCHOR_CLOCK])

    def samples_since_judged(self):
        """Return how many samples ago the block ended of the impact that was just judged."""
        return self._since(self._judged_clock)

    def samples_since_fall(self):
        """Return how many samples ago the block of the last fall's impact ended."""
        return self._since(self.state[detect.S_FALL_CLOCK])

    def posture_change_deg(self):
        """Return the angle between the postures before the judged impact and after it."""
        return params.degrees_of(self.state[detect.S_TILT_COS])

    def points(self):
        """Return the points of the last verdict on an impact; a fall needs fall_points."""
        return self.state[detect.S_POINTS] - self._no_points

    def _ask_fewer(self, points):
        """Have a fall need so many points less than the configuration says."""
        less = points - self._doubt_points
        self._doubt_points = points
        self.params[detect.P_FALL_POINTS] -= less
        self.params[detect.P_DOWN_POINTS] -= less

    def _is_made_up(self, clock):
        """Whether the block that ended at `clock` had its blow from a gap."""
        if self._made_up_clock is None:
            return False
        since = (clock - self._made_up_clock + _HALF_A_BLOW) & _CLOCK_MASK
        return since < detect.BLOCK_SAMPLES + 2 * _HALF_A_BLOW

    def _since(self, clock):
        return (self.state[detect.S_CLOCK] - clock) & _CLOCK_MASK

    def _hear_verdict(self, bits):
        state = self.state
        # A fall may have waited for the verdict on the one before it.
        since = self.samples_since_fall() if bits & detect.EV_FALL else self.samples_since_judged()
        anchor = state[detect.S_BLOCKS] - 1 - since // detect.BLOCK_SAMPLES
        in_hand = before_impact.was_in_hand(state, self.conditions.frame, anchor)
        if not bits & detect.EV_FALL:
            self.conditions.no_fall(in_hand)
            return
        if self._is_made_up(state[detect.S_FALL_CLOCK]):
            # Nobody has seen how hard it was.
            self.peak_mg = None
        else:
            self.peak_mg = params.milli_g_of(state[detect.S_FALL_PEAK_Q])
        self.tilt_deg = self.posture_change_deg()
        before = [state[detect.S_BEFORE + k] - before_impact.BIAS for k in range(3)]
        self.conditions.fell(before, in_hand, before_impact.flew(state, anchor))
