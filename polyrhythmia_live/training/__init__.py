"""OFFLINE: recordings in, an exported network out. Nothing live imports it; TensorFlow lives here.

dataset -> network -> fit (checkpoints, early stopping by metrics) -> export -> models/
"""
