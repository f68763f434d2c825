"""The settings that are about a telephone: its number, and a name that every one can show."""

from badge.core.portable import const

NAME_MAX = 24
# Digits of a number with its country (E.164).
_LEAST = const(8)
_MOST = const(15)


def parse_number(text):
    """Return the number; ValueError for one without a plus and the country before it."""
    digits = text[1:]
    is_good = text[:1] == "+" and digits.isdigit() and digits[0] != "0"
    if not (is_good and _LEAST <= len(digits) <= _MOST):
        raise ValueError(
            "%r is no telephone number; write it with its country, as +31612345678." % text
        )
    return text


def parse_name(text):
    """Return the name; ValueError when it is too long or some phone cannot show it."""
    if len(text) <= NAME_MAX and all(_is_plain(char) for char in text):
        return text
    raise ValueError(
        "%r is not what every phone shows; write at most %d of A-Z a-z 0-9 space - . , '."
        % (text, NAME_MAX)
    )


def _is_plain(char):
    if "a" <= char <= "z" or "A" <= char <= "Z" or "0" <= char <= "9":
        return True
    return char in " -.,'"
