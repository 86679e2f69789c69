"""The third floor: trained weights become the files that the live drummer runs.

export (the files) -> exported (back to a network); primers -> priming (what it has in its ears)
"""
