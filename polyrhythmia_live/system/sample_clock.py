"""Where the frames of an audio stream lie in time."""

from __future__ import annotations

from collections import deque

SPAN_SECONDS = 0.25
"""Sights are kept as the earliest of so much time, at least."""

SPAN_SIGHTS = 8
"""And of so many, at least."""

HELD_FRAMES = 2
"""The line is held to so many: the earliest sights of two seconds differ by less."""

_MISSED = 0.9
"""The earliest of a span is later than the line by so much of a period: one was not played."""


class SampleClock:
    """A straight line through the earliest sights of a stream's frames.

    A driver renders whole periods in a burst, and what looks at it is awake now and then: every
    sight is late, by up to a period and more, and none is early. So the earliest tell. A stream
    that lost time is later for good: a period and more is made up for with the next span, less when
    the sights before it are older than `window_seconds`. Figures are in docs/measured.md.

    The line stays where it is while the sights agree with it to two frames: what is due at even
    distances then lies at even distances, and not now on this side of a rounding, now on that.
    """

    def __init__(self, rate_hz: int, period_seconds: float, window_seconds: float) -> None:
        self._rate_hz = rate_hz
        self._window_seconds = window_seconds
        self._missed_seconds = _MISSED * period_seconds
        self._held_seconds = HELD_FRAMES / rate_hz
        self._began_seconds: float | None = None
        """When frame 0 was there, or would have been."""
        self._spans: deque[tuple[float, float]] = deque()
        """The earliest beginning in each span that is over, and when that was over."""
        self._span: list[float] = []
        self._span_end_seconds = 0.0

    def see(self, frame: int, seconds: float) -> None:
        """A frame was there at this moment, if not before. Threads: any one. Real-time: yes."""
        began_seconds = seconds - frame / self._rate_hz
        if not self._span:
            self._span_end_seconds = seconds + SPAN_SECONDS
        self._span.append(began_seconds)
        held_seconds = self._began_seconds
        if held_seconds is None or began_seconds < held_seconds - self._held_seconds:
            self._began_seconds = held_seconds = began_seconds
        if seconds >= self._span_end_seconds and len(self._span) >= SPAN_SIGHTS:
            self._end_span(seconds, held_seconds)

    def frame_at(self, seconds: float) -> float | None:
        """The frame that is there at a moment; None before any was seen.

        Threads: any. Real-time: yes.
        """
        began_seconds = self._began_seconds
        return None if began_seconds is None else (seconds - began_seconds) * self._rate_hz

    def seconds_at(self, frame: int) -> float:
        """When a frame is there; the inverse of `frame_at`. Raises ValueError before any was seen.

        Threads: any. Real-time: yes.
        """
        if self._began_seconds is None:
            raise ValueError("expected a frame to have been seen")
        return self._began_seconds + frame / self._rate_hz

    def _end_span(self, seconds: float, began_seconds: float) -> None:
        earliest_seconds = min(self._span)
        self._span.clear()
        if earliest_seconds > began_seconds + self._missed_seconds:
            self._spans.clear()
        self._spans.append((earliest_seconds, seconds))
        while self._spans[0][1] < seconds - self._window_seconds:
            self._spans.popleft()
        told_seconds = min(earliest for earliest, _ in self._spans)
        if abs(told_seconds - began_seconds) > self._held_seconds:
            self._began_seconds = told_seconds
