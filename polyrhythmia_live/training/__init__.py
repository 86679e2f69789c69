"""OFFLINE: recordings in, an exported network out. Nothing live imports it, only the command line.

Three straight floors: `data` -> `learn` -> `export`. A floor imports those before it and none
after it; `judging` stands on all three.
"""
