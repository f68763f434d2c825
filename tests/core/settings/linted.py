"""Which rules of a profile a configuration breaks, be its values in their range or not."""

from badge.core.settings.config import Config
from badge.core.settings.fields import EMPTY, RULES


def lint(config: Config, profile: str) -> list[tuple[str, str]]:
    """(requirement id, what) of each."""
    broken = []
    for rule in RULES:
        total = sum(getattr(config, name) * times for name, times in rule.parts)
        if profile in rule.profiles and not rule.lowest <= total <= rule.highest:
            broken.append((rule.requirement, rule.what))
    for name, of, requirement, _ in EMPTY:
        if of == profile and getattr(config, name):
            broken.append((requirement, name))
    return broken
