"""What an audio input heard, and when each frame of it was at the input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_NEAR_SECONDS = 1.0
"""Sound cards and computers disagree by 0.1 ms in this time, at most."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Frames that came in blocks, at a steady rate but for gaps.

    `samples` is (frames, channels), -1..1. Block k begins with frame `block_frames[k]`, which was
    at the input `latency_seconds` before the block was handed over. That happened at
    `block_seconds[k]` (monotonic) or, on a busy machine, a little earlier. Frames were lost before
    each block whose `block_stretches[k]` differs from that of the block before.
    """

    samples: npt.NDArray[np.float32]
    rate_hz: float
    block_frames: npt.NDArray[np.int64]
    block_seconds: npt.NDArray[np.float64]
    block_stretches: npt.NDArray[np.int64]
    latency_seconds: float

    def seconds_at(self, frame: int) -> float:
        """When a frame was at the input: by the promptest of the blocks around it."""
        block = int(np.searchsorted(self.block_frames, frame, side="right")) - 1
        near = np.abs(self.block_frames - frame) <= _NEAR_SECONDS * self.rate_hz
        near &= self.block_stretches == self.block_stretches[block]
        starts = self.block_seconds[near] - self.block_frames[near] / self.rate_hz
        return float(starts.min()) + frame / self.rate_hz - self.latency_seconds

    def frame_at(self, seconds: float) -> int:
        """The frame of a moment; beyond the first and the last one too."""
        block = int(np.searchsorted(self.block_seconds, seconds + self.latency_seconds))
        frame = int(self.block_frames[min(block, len(self.block_frames) - 1)])
        return frame + round((seconds - self.seconds_at(frame)) * self.rate_hz)
