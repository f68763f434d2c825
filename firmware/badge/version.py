"""What this firmware is; its build number is the earliest time that the clock may show."""

from badge.core.portable import const

VERSION = "0.1.0"

# A clock earlier than this is wrong, and TLS would refuse every certificate. `nabij flash` and
# `nabij update` put in the time of the last commit to the firmware; this is of sources that run
# as they are (2026-11-22 00:00 UTC).
BUILD_UTC_S = const(1795305600)
