"""What is left of settings that were legal once, when newer firmware has stricter rules."""

from badge.core.settings.config import Config
from badge.core.settings.fields import ORDERED, RULES


def mended(given):
    """Return the legal Config nearest to the table `given`: what is at fault has its default."""
    kept = dict(given)
    while True:
        config, faults = Config.examine(kept)
        at_fault = [fault.field for fault in faults]
        for _, profiles, parts, lowest, highest, _ in RULES:
            total = sum(getattr(config, name) * times for name, times in parts)
            if config.profile in profiles and not lowest <= total <= highest:
                at_fault += [name for name, _ in parts]
        for lower, higher in ORDERED:
            if getattr(config, lower) > getattr(config, higher) > 0:
                at_fault += [lower, higher]
        at_fault = [name for name in at_fault if name in kept]
        if not at_fault:
            return config
        for name in at_fault:
            kept.pop(name, None)
