"""Where training takes TensorFlow and Keras from, with a clear word where they are missing."""

from __future__ import annotations

import os
from typing import Any

from polyrhythmia_live.errors import PolyrhythmiaError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # or it reports on GPUs that are not there

try:
    import keras
    import tensorflow as tf
except ImportError as error:  # the base install has no TensorFlow
    raise PolyrhythmiaError(
        "training needs TensorFlow, which is not installed: pip install -e '.[train]'"
    ) from error

__all__ = ["Tensor", "keras", "tf"]

Tensor = Any
"""A tf.Tensor or a Keras symbolic tensor; TensorFlow has no usable types."""
