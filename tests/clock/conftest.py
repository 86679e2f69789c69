"""For the long run: `pytest tests/clock/test_playhead.py --hypothesis-profile=long --timeout=0`."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long", max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck)
)
