"""What can be done to a badge: a verb, its arguments, and what of it outlives a restart."""

from collections import namedtuple

from sim.options import option

# `lasts` is "" for what is over at once, STATE for what stays until another verb ends it, else the
# argument that says for how long: a badge that starts anew meanwhile goes on with the rest of it.
# `rule` is given the arguments: the end of a sentence when they do not go together, else None.
Verb = namedtuple("Verb", ("name", "arguments", "meaning", "lasts", "rule"))

STATE = "state"


def verb(name, arguments, meaning, lasts="", rule=None):
    """A Verb; most are over at once, and their arguments go together as they like."""
    return Verb(name, arguments, meaning, lasts, rule)


def find(verbs, name):
    """The verb of this name; raises OptionError."""
    known = {one.name: one for one in verbs}
    if name not in known:
        raise option.OptionError("There is no verb %r: %s" % (name, option.meant(name, known)))
    return known[name]


def arguments(one, given, whose):
    """All arguments of a verb, defaults for those not in `given`; raises OptionError."""
    values = option.filled(one.arguments, given, whose)
    wrong = one.rule(given) if one.rule else None
    if wrong:
        raise option.OptionError("%s %s." % (whose, wrong))
    return values
