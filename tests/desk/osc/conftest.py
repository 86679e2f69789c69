from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("pythonosc") else ["test_*.py"]
"""Without the extra `osc` there is nothing to test."""
