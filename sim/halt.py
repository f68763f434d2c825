"""How a run of the virtual badge ends: one exception that firmware code cannot swallow."""

END = 0
RESET = 42
POWER_CUT = 43
WATCHDOG = 44
BROWNOUT = 45


class Halt(BaseException):
    """Ends the process with exit code `code`; `why` is for the observation log."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code
        self.why = why
