"""The pytest plugin of `make soak`: every property test with many more examples."""

from hypothesis import settings

settings.register_profile("soak", max_examples=20_000, deadline=None)
settings.load_profile("soak")
