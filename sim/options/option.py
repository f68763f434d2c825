"""Options of scenario, models and verbs: what their tables say, and the refusal of the rest.

Each table is a tuple of Option in a module of this folder: models take their defaults from it,
and docs/simulator.md shows it. MicroPython reads the tables, and so does CPython.
"""

from collections import namedtuple

# `form` is a name in FORMS, or a tuple of the words to choose from; `default` is NEEDED for what
# must be said. None as a default may be said, too.
Option = namedtuple("Option", ("name", "form", "default", "meaning"))

NEEDED = "needed"


class OptionError(ValueError):
    """An option that nobody knows, or a value that it cannot have; one sentence."""


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value):
    return _is_int(value) or isinstance(value, float)


def _is_list(value):
    return isinstance(value, (list, tuple))


def _is_pair_list(value):
    return _is_list(value) and all(
        _is_list(one) and len(one) == 2 and all(_is_number(part) for part in one) for one in value
    )


def _is_hex(value):
    return (
        isinstance(value, str) and not len(value) & 1 and not value.strip("0123456789abcdefABCDEF")
    )


# What a value can be: how it is recognized, and in words.
FORMS = {
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "quarters": (
        lambda value: _is_int(value) and 0 <= value <= 104,
        "quarters of an hour, to 104",
    ),
    "count": (lambda value: _is_int(value) and value >= 0, "a whole number"),
    "nth": (lambda value: _is_int(value) and value >= 1, "a whole number from 1"),
    "integer": (_is_int, "a whole number, also below 0"),
    "ms": (lambda value: _is_number(value) and value >= 0, "milliseconds"),
    "us": (lambda value: _is_number(value) and value >= 0, "microseconds"),
    "percent": (lambda value: _is_number(value) and 0 <= value <= 100, "0 to 100 percent"),
    "share": (lambda value: _is_number(value) and 0 <= value <= 1, "a share from 0 to 1"),
    "level": (lambda value: _is_int(value) and value in (0, 1), "a level, 0 or 1"),
    "bit": (lambda value: _is_int(value) and 0 <= value <= 7, "a bit, 0 to 7"),
    "text": (lambda value: isinstance(value, str), "text"),
    "hex": (_is_hex, "hexadecimal digits, two a byte"),
    "mg3": (
        lambda value: _is_list(value) and len(value) == 3 and all(_is_int(one) for one in value),
        "whole milli-g of x, y and z",
    ),
    "spans_ms": (
        lambda value: _is_pair_list(value) and all(0 <= one[0] <= one[1] for one in value),
        "a list of [from, to] in ms",
    ),
    "after_ms": (_is_pair_list, "a list of [code, ms]"),
    "stalls": (lambda value: isinstance(value, dict) or value == "off", "ms by name, or off"),
    "table": (lambda value: isinstance(value, dict), "options by name"),
    "list": (_is_list, "a list"),
}


def filled(table, given, whose):
    """The options of `given` with the defaults of the table for the rest; raises OptionError.

    `whose` begins the sentence: "The modem".
    """
    given = given or {}
    check(table, given, whose)
    values = {}
    for option in table:
        values[option.name] = given.get(option.name, option.default)
    return values


def check(table, given, whose):
    """Raise OptionError unless every name is in the table and every value of its form."""
    if not isinstance(given, dict):
        raise OptionError("%s takes options by name, not %r." % (whose, given))
    by_name = {option.name: option for option in table}
    for name in given:
        if name not in by_name:
            raise OptionError("%s knows no option %r: %s" % (whose, name, meant(name, by_name)))
    for option in table:
        if option.name in given:
            _check_value(option, given[option.name], whose)
        elif option.default is NEEDED:
            raise OptionError("%s needs %r, %s." % (whose, option.name, said(option.form)))


def meant(name, known):
    """ "did you mean 'press'?" without its mark: the nearest of the known names."""
    near = nearest(name, known)
    return "it has none." if near is None else "did you mean %r?" % near


def nearest(name, known):
    """The known name that takes the fewest slips of the finger; None when none is known.

    Of several with as few: one that goes on as `name` begins.
    """
    best = None
    for one in sorted(known):
        slips = 2 * _slips(str(name), one) - one.startswith(str(name))
        if best is None or slips < best[0]:
            best = (slips, one)
    return None if best is None else best[1]


def said(form):
    """What a value of this form is, in words."""
    if isinstance(form, tuple):
        return "one of " + ", ".join([str(one) or '""' for one in form])
    return FORMS[form][1]


def _check_value(option, value, whose):
    form = option.form
    if value is None and option.default is None:
        return
    if not (value in form if isinstance(form, tuple) else FORMS[form][0](value)):
        raise OptionError("%s has %r as %s, not %r." % (whose, option.name, said(form), value))


def _slips(one, other):
    # Edit distance with neighbours changing places.
    before, last = None, list(range(len(other) + 1))
    for i in range(len(one)):
        row = [i + 1]
        for j in range(len(other)):
            cost = min(last[j] + (one[i] != other[j]), last[j + 1] + 1, row[j] + 1)
            if i and j and one[i] == other[j - 1] and one[i - 1] == other[j]:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
