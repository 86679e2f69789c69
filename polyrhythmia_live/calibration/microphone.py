"""An audio input. The only door to sounddevice, which is imported when one is opened."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

import numpy as np

from polyrhythmia_live.calibration.recording import Recording
from polyrhythmia_live.errors import CalibrationError
from polyrhythmia_live.system.quiet import quiet_stderr

CHANNELS_MAX = 32
LATENCY_MAX_SECONDS = 1.0

if sys.platform == "darwin":
    _INSTALL = "`brew install portaudio`"
else:
    _INSTALL = "`sudo apt-get install libportaudio2`"


class Microphone:
    """Listens, as a context manager; then `recording` says what it heard.

    `wanted` is part of an input's name, or its number; None = the system's default. The driver's
    word on the input's latency can be replaced with `latency_seconds`. Raises CalibrationError,
    which lists the inputs or says what mends it, where none can be opened or heard.
    """

    def __init__(self, wanted: str | None = None, latency_seconds: float | None = None) -> None:
        self._library = load_library()
        device = _find(self._library, wanted)
        self.name = str(device["name"])
        self._stated_seconds = latency_seconds
        self._blocks: list[bytes] = []
        self._arrivals: list[tuple[float, float, bool]] = []
        self._channels = min(int(device["max_input_channels"]), CHANNELS_MAX)
        try:
            with quiet_stderr():
                self._stream: Any = self._library.RawInputStream(
                    device=device["index"],
                    channels=self._channels,
                    dtype="float32",
                    latency="low",
                    callback=self._arrived,
                )
        except self._library.PortAudioError as error:
            raise CalibrationError(
                f"the audio input '{self.name}' cannot be opened: {error}; close what uses it, or "
                "choose another with --audio-in"
            ) from None

    def _arrived(self, block: Any, _frames: int, at: Any, status: Any) -> None:
        # First of all: what follows may wait. Threads: the driver's.
        arrived_seconds = time.monotonic()
        held_seconds = at.currentTime - at.inputBufferAdcTime
        self._arrivals.append((arrived_seconds, held_seconds, status.input_overflow))
        self._blocks.append(bytes(block))

    def __enter__(self) -> Self:
        self._stream.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    @property
    def recording(self) -> Recording:
        """All that was heard. Ask when it is closed."""
        if not self._blocks:
            raise CalibrationError(
                f"the audio input '{self.name}' gives no sound: choose another with --audio-in"
            )
        frame_bytes = 4 * self._channels
        frames = np.array([len(block) // frame_bytes for block in self._blocks])
        arrivals = np.array(self._arrivals)
        return Recording(
            samples=np.frombuffer(b"".join(self._blocks), np.float32).reshape(-1, self._channels),
            rate_hz=float(self._stream.samplerate),
            block_frames=np.cumsum(frames) - frames,
            block_seconds=arrivals[:, 0],
            block_stretches=np.cumsum(arrivals[:, 2]).astype(np.int64),
            latency_seconds=self._latency_seconds(float(np.median(arrivals[:, 1]))),
        )

    def _latency_seconds(self, told_seconds: float) -> float:
        """From the input to the handing over of a block's first frame."""
        if self._stated_seconds is not None:
            return self._stated_seconds
        # Some drivers say nothing, and where JACK's says 0, PortAudio makes days of it.
        told = (told_seconds, float(self._stream.latency))
        return next((seconds for seconds in told if 0.0 < seconds < LATENCY_MAX_SECONDS), 0.0)


def load_library() -> Any:
    """The sounddevice module. Raises CalibrationError, with the command that installs it."""
    try:
        with quiet_stderr():  # PortAudio looks for every sound system, and each one complains
            import sounddevice
    except ModuleNotFoundError:
        raise CalibrationError(
            "listening needs sounddevice, which is not installed: `pip install -e '.[calibrate]'`"
        ) from None
    except OSError as error:
        raise CalibrationError(f"no PortAudio ({error}): {_INSTALL}") from None
    return sounddevice


def _find(library: Any, wanted: str | None) -> Any:
    """The input that a name or number means; raises CalibrationError with what there is."""
    inputs = [device for device in library.query_devices() if device["max_input_channels"] > 0]
    names = ", ".join(f"{device['index']} '{device['name']}'" for device in inputs) or "none"
    if wanted is None:
        found = [device for device in inputs if device["index"] == library.default.device[0]]
    else:
        sought = wanted.casefold()
        found = [device for device in inputs if str(device["index"]) == sought]
        found = found or [device for device in inputs if device["name"].casefold() == sought]
        found = found or [device for device in inputs if sought in device["name"].casefold()]
    if len(found) != 1:
        asked = "default audio input" if wanted is None else f"audio input '{wanted}'"
        raise CalibrationError(
            f"expected one {asked}, got {len(found)}: choose with --audio-in among {names}"
        )
    return found[0]
