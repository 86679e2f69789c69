from hypothesis import settings

from tests.jackd import jack_server

__all__ = ["jack_server"]

# A law holds on a busy machine too; how long an example takes is for the benchmarks.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
