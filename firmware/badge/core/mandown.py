"""Man-down: feeds the detector and turns what it says into events of the alarm life cycle."""

from array import array

from badge.core import alarm, detect, detector_params, ticks


class ManDown:
    """Owns the detector's state; remembers the evidence of the last fall for the alarm record."""

    def __init__(self, config):
        self.params = detector_params.build(config)
        self.state = array("i", [0] * detect.STATE_WORDS)
        self.peak_mg = 0
        self.tilt_deg = 0
        self._pre_alarm_ms = config.prealarm_ms
        self._fall_at = None
        self._confirmed_at = None
        self.reset()

    def reset(self):
        """Forget all motion seen, as after a gap in the samples that makes posture unknown."""
        detect.reset(self.state)
        self._fall_at = None

    def feed(self, samples, n):
        """Run the detector over the first `n` samples (array of 3 * n words); return EV_ bits."""
        if n < 0 or 3 * n > len(samples):
            raise ValueError("A motion chunk holds fewer samples than it says.")
        return detect.step_block(self.state, samples, n, self.params)

    def on_events(self, bits, now_ms):
        """Return the alarm events that follow from the detector's `bits`, oldest first."""
        events = ()
        if bits & detect.EV_RECOVERED:
            events += self._recovered(now_ms)
        if bits & detect.EV_FALL:
            self._fall_at = now_ms
            self.peak_mg = detector_params.milli_g_of(self.state[detect.S_FALL_PEAK_Q])
            self.tilt_deg = detector_params.degrees_of(self.state[detect.S_TILT_COS])
            events += (alarm.EV_CONDITION,)
        if bits & detect.EV_CONFIRMED:
            self._confirmed_at = self._fall_at
            self._fall_at = None
        return events

    def samples_since_impact(self):
        """Return how many samples ago the anchored impact's block ended."""
        return self._samples_since(detect.S_ANCHOR_CLOCK)

    def samples_since_fall(self):
        """Return how many samples ago the block of the last fall's impact ended."""
        return self._samples_since(detect.S_FALL_CLOCK)

    def _samples_since(self, word):
        return (self.state[detect.S_CLOCK] - self.state[word]) & 0x3FFFFFFF

    def posture_change_deg(self):
        """Return the angle between the postures before the judged impact and after it."""
        return detector_params.degrees_of(self.state[detect.S_TILT_COS])

    def points(self):
        """Return the points of the last verdict on an impact; a fall needs fall_points."""
        return self.state[detect.S_POINTS] - detect.POINTS_BIAS

    def _recovered(self, now_ms):
        fell_at = self._fall_at
        self._fall_at = None
        # A pre-alarm of a fall that was confirmed is not ended by the outcome of a later one:
        # that one compares with the posture on the ground.
        if self._in_pre_alarm(self._confirmed_at, now_ms):
            return ()
        # Past the pre-alarm the alarm is latched: only a human may close it (design D3).
        return (alarm.EV_CLEAR,) if self._in_pre_alarm(fell_at, now_ms) else ()

    def _in_pre_alarm(self, fell_at, now_ms):
        # Not below 0: a fall of days ago has ticks that wrapped.
        return fell_at is not None and 0 <= ticks.diff(now_ms, fell_at) < self._pre_alarm_ms
