"""Plans that several tests start from."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from nabij.centre.escalation import plan_file
from nabij.centre.escalation.plan import Book

ZONE: Final = "Europe/Amsterdam"
TEXT: Final = """
[people.smit]
name = "J. Smit"
zone = "Europe/Amsterdam"
quiet = "22:00-07:00"
channels = { sms = "json://localhost:9/sms", mail = "mailto://localhost:9" }

[[people.smit.away]]
first = 2026-12-24
last = 2026-12-31
stand_in = "jansen"

[people.jansen]
name = "P. Jansen"
zone = "Europe/Amsterdam"
channels = { push = "json://localhost:9/push" }

[people.desk]
name = "Guard desk"
zone = "Europe/Amsterdam"
channels = { phone = "json://localhost:9/desk" }

[plans.yard]
zone = "Europe/Amsterdam"
working = "mon-fri 08:00-17:00"
badges = ["*"]
claim_min = 20
link = "https://alarm.example.org:8443"

[[plans.yard.steps]]
after_s = 0
whom = "smit"
channels = ["sms", "mail"]

[[plans.yard.steps]]
after_s = 60
whom = "jansen"
when = "working"
until = "closed"

[[plans.yard.steps]]
after_s = 120
whom = "jansen"
when = "outside"
wakes = true

[plans.yard.last]
after_s = 300
whom = "desk"
repeat_min = 5
"""


def book() -> Book:
    return plan_file.read(TEXT)


def at(text: str, zone: str = ZONE) -> int:
    """That local time in ms since 1970 UTC."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp() * 1000)
