"""THE WORDS: what musicians and engineers call things, as frozen values.

Standard library only, no I/O, no threads, no clocks. Nothing here knows that a lane is a drum,
that there is one voice, or what generates the hits.
"""
