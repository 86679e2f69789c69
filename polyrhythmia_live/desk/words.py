"""A snapshot in the words of the terminal, for screens that are not drawn in Python."""

from __future__ import annotations

from polyrhythmia_live.control.answers import genre_in_words, position, section_in_words
from polyrhythmia_live.control.status_line import clock_in_words, news_line, tempo_in_words
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.meter_map import MeterMap

NEWS_COLUMNS = 240


def words(snapshot: Snapshot, meters: MeterMap) -> dict[str, str]:
    """By what they are of; `news` is trouble, the latest answer, what is to come and losses."""
    status = snapshot.status
    news = news_line(snapshot, meters, NEWS_COLUMNS)
    if status is None:
        return {"news": news}
    return {
        "clock": clock_in_words(status),
        "tempo": tempo_in_words(status),
        "position": position(snapshot.tick, meters),
        "genre": genre_in_words(snapshot, meters),
        "section": section_in_words(snapshot, meters),
        "news": news.lstrip("▶■ ").removeprefix("stopped").strip(),
    }
