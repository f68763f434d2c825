"""What one side of the badge says or asks before the other side is built; app.py connects them."""


class Signal:
    """A fact that is published, by being called with it: every listener hears it, in turn."""

    def __init__(self):
        self._listeners = ()

    def to(self, *listeners):
        """Have these functions hear it from now on."""
        self._listeners += listeners

    def __call__(self, *fact):
        for listener in self._listeners:
            listener(*fact)


class Question:
    """What is asked by being called; `unknown` is the answer until there is one to ask."""

    def __init__(self, unknown):
        self._unknown = unknown
        self._answer = None

    def by(self, answer):
        """Have this function answer from now on."""
        self._answer = answer

    def __call__(self, *given):
        return self._unknown if self._answer is None else self._answer(*given)


class Ports:
    """The signals and questions between parts of which neither can be built last."""

    def __init__(self):
        # (line): the log has a new one.
        self.line_logged = Signal()
        # (): what the log has is to be on flash when this returns.
        self.log_wanted_durable = Signal()
        # (now_ms): a stall begins or is over, so the buttons are to be looked at.
        self.look_at_buttons = Signal()
        # (meaning, now_ms): a burst of presses has one of gesture_map.MEANINGS.
        self.gesture_meant = Signal()
        # (): a button went down, and what it will mean is still to come.
        self.press_began = Signal()
        # (now_ms): a button was let go.
        self.button_released = Signal()
        # ((left, right)): which buttons a shape shows to work.
        self.buttons_tried = Signal()
        # (alarm): it is durable.
        self.alarm_opened = Signal()
        # (alarm): it waits for the link.
        self.alarm_waits = Signal()
        # (now_ms, percent): this is the last of the battery.
        self.battery_ends = Signal()
        # (is_on, now_ms): the charger was connected or taken off.
        self.charger_changed = Signal()
        # (began_ms): the VM has stood still since then, and nobody had announced it.
        self.console_stalled = Signal()
        # Minutes until the shift ends by itself, or None.
        self.shift_left_min = Question(None)
        # (now_ms): a second has passed, by the supervisor.
        self.second_passed = Signal()
        # (why, is_silent): a task hangs or keeps dying; True when the badge will start anew, False
        # when not yet.
        self.restart_wanted = Question(None)
        # (): Ctrl-C has ended the application; what sounds would go on for ever.
        self.outputs_wanted_off = Signal()
        # (): it has, and all that is not on flash yet is to be there.
        self.stopped = Signal()
        # (ms): the chip is to start anew within this time, whatever is typed.
        self.reset_wanted_within = Signal()
        # Whether who types may stay: shown the service key, or a badge without an identity.
        self.typist_may_stay = Question(unknown=False)
        # Whether an alarm is open that the badge can send.
        self.alarm_is_open = Question(unknown=False)
        # Whether the shift is over.
        self.is_off_shift = Question(unknown=False)
        # Stretches of walking, modulo 256.
        self.stretches_walked = Question(0)
        # (kmh, now_ms): a fix has measured this speed; whether one more would tell of driving.
        self.speed_measured = Question(unknown=False)
        # (): what carries out the receiver's orders, made anew.
        self.order_worker = Question(None)
        # Whether a stall of the console now could delay a press.
        self.press_could_stall = Question(unknown=False)
