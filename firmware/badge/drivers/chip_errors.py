"""What drivers raise and give of which there are several for one part."""

from collections import namedtuple


class ImuError(Exception):
    """The accelerometer failed; `code` is imu.absent, .identity, .bus, .tag, .silent, ..."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class PmuError(Exception):
    """The power chip failed: `pmu.absent`, `.identity`, `.bus` or `.reset`."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


# One look: battery in mV and percent (None without one), VBUS, and what the charger does.
Reading = namedtuple("Reading", ("battery_mv", "percent", "vbus", "charging", "charged"))
