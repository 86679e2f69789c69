"""Loudness as ITU-R BS.1770-4 has it: K-weighted, in LUFS."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
"""Frames by channels; 1 is full scale."""
Spectrum = npt.NDArray[np.complex128]

BLOCK_SECONDS = 0.4
HOP = 4
"""Blocks overlap by three quarters."""
SILENCE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_OFFSET_DB = -0.691


def read_wav(path: Path) -> tuple[Samples, int]:
    """A 16-bit stereo file, and its rate in Hz."""
    with wave.open(str(path)) as file:
        raw, rate_hz = file.readframes(file.getnframes()), file.getframerate()
    return from_s16(raw), rate_hz


def from_s16(raw: bytes) -> Samples:
    """Stereo frames of 16-bit samples, as FluidSynth renders them."""
    return np.frombuffer(raw, np.int16).reshape(-1, 2) / 32_768


def momentary_lufs(samples: Samples, rate_hz: int) -> Samples:
    """The loudness of each block of 400 ms, -inf for silence."""
    block, hop = round(BLOCK_SECONDS * rate_hz), round(BLOCK_SECONDS * rate_hz / HOP)
    power = (_k_weighted(samples, rate_hz) ** 2).sum(axis=1)
    total = np.concatenate([[0.0], power.cumsum()])
    starts = np.arange(0, len(power) - block + 1, hop)
    with np.errstate(divide="ignore"):
        return _OFFSET_DB + 10 * np.log10((total[starts + block] - total[starts]) / block)


def integrated_lufs(samples: Samples, rate_hz: int) -> float:
    """The loudness of the whole, without what is silent beside the rest."""
    blocks = momentary_lufs(samples, rate_hz)
    blocks = blocks[blocks > SILENCE_LUFS]
    blocks = blocks[blocks > _mean(blocks) + RELATIVE_GATE_LU]
    return _mean(blocks)


def peak_db(samples: Samples) -> float:
    """The highest sample, in dB under full scale."""
    return float(20 * np.log10(np.abs(samples).max()))


def _mean(lufs: Samples) -> float:
    return float(10 * np.log10((10 ** (lufs / 10)).mean()))


def _k_weighted(samples: Samples, rate_hz: int) -> Samples:
    """Through the two filters of the recommendation, for any rate, as a product of spectra."""
    size = 1 << (len(samples) + rate_hz).bit_length()
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    tangent, quality = np.tan(np.pi * 1681.974450955533 / rate_hz), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    slope, square = tangent / quality, tangent**2
    shelf = _biquad(
        high + middle * slope + square, square - high, high - middle * slope + square, z
    )
    poles = _biquad(1 + slope + square, square - 1, 1 - slope + square, z)
    tangent, quality = np.tan(np.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    slope, square = tangent / quality, tangent**2
    low_poles = _biquad(1 + slope + square, square - 1, 1 - slope + square, z)
    cut = (1 - z) ** 2 * (1 + slope + square) / low_poles
    spectrum = np.fft.rfft(samples, size, axis=0) * (shelf / poles * cut)[:, None]
    weighted: Samples = np.fft.irfft(spectrum, size, axis=0)[: len(samples)]
    return weighted


def _biquad(first: float, half_second: float, third: float, z: Spectrum) -> Spectrum:
    return first + 2 * half_second * z + third * z**2
