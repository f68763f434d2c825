"""What goes wrong between a laptop and a badge, as one sentence."""

from nabij.errors import NabijError


class DeviceError(NabijError):
    """No badge, several, a port that cannot be used, or a connection that broke."""


class NoAnswerError(DeviceError):
    """The badge was silent for too long."""


class BadgeRefusal(DeviceError):  # noqa: N818 - the badge works; it declines
    """The badge understood and declined; `code` is for programs, `why` is the badge's sentence."""

    def __init__(self, code: str, why: str, port: str) -> None:
        super().__init__(f"The badge on {port} refuses: {why}")
        self.code = code
        self.why = why
