"""Doubles and real peers, for tests and benches; nothing live imports it.

Doubles: stage (a dispatcher on a virtual clock), stub_player, drummers, link_session, gear,
pulse_trains.
Peers: jackd, daemon, recorder, midi_peer, link_peer, mclk_dump, hydrogen, jack_listener; takes and
spread measure what they heard.
"""
