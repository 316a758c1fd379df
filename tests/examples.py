"""How often a property is tried: a part of the full number in every run, all with `--hypothesis-profile thorough`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

FULL = 100
"""What hypothesis tries of itself."""

# A busy machine is no reason to fail: neither a slow example nor a slow draw is a fault of the code.
SLOW = [HealthCheck.too_slow]
settings.register_profile("quick", max_examples=FULL // 4, deadline=None, suppress_health_check=SLOW)
settings.register_profile("thorough", max_examples=FULL, deadline=None, suppress_health_check=SLOW)
settings.load_profile("quick")


def examples(full: int) -> int:
    """How many of `full` examples or seeds are tried in this run."""
    return full * settings().max_examples // FULL
