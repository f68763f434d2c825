"""What this firmware is; its build date is the earliest time that the clock may show."""

from badge.core.portable import const

VERSION = "0.1.0"

# 2026-11-22 00:00 UTC. A clock earlier than this is wrong, and TLS would refuse every certificate.
BUILD_UTC_S = const(1795305600)
