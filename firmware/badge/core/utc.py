"""UTC seconds since 1970 from a civil date and back, whatever the port's own epoch is."""

from badge.core.portable import const

_DAY_S = const(86_400)


def from_civil(year, month, day, hour=0, minute=0, second=0):
    """Seconds since 1970-01-01 of a Gregorian date (Hinnant, chrono date algorithms)."""
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days = era * 146_097 + day_of_era - 719_468
    return days * _DAY_S + hour * 3600 + minute * 60 + second


def to_civil(utc_s):
    """(year, month, day, hour, minute, second) of seconds since 1970-01-01."""
    days, second = divmod(utc_s, _DAY_S)
    days += 719_468
    era = days // 146_097
    day_of_era = days - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day, second // 3600, second // 60 % 60, second % 60
