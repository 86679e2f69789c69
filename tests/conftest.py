from tests.jackd import jack_server

__all__ = ["jack_server"]
