"""OFFLINE: how good a network is, beside what merely counts and beside people.

listening, recital (a network hears, a network plays) -> grouping, hit_scores; backoff -> floors,
hit_floors (what a network must beat) -> clean, bar16 (two protocols, each with its report) and
generation/ (what it plays by itself). It stands on `training`; only the command line imports it.
"""
