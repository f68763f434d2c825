"""Settings as a test wants them."""

from badge.core.settings.config import defaults


def config(profile="discreet", **settings):
    """The defaults of a profile with these settings, which need not go together."""
    made = defaults(profile)
    for name, value in settings.items():
        assert hasattr(made, name)
        setattr(made, name, value)
    return made
