"""The routes to what was played and to what is made of it: history, marks and files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from polyrhythmia_live.desk.performance_log import newest_first
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.web.gate import Role
from polyrhythmia_live.web.history import History, Marks
from polyrhythmia_live.web.jobs import SUFFIXES, Jobs

OPEN_MAX = 4
"""So many logs are held open: the one that grows, and those that were looked at last."""


class Shelf:
    """Performances by name, and files that are made. Threads: the event loop's, and a worker."""

    def __init__(
        self, log: Path | None, folder: Path, tempos_bpm: Mapping[str, float], cache: Path
    ) -> None:
        """`log` is that of what plays, in `folder` those of other times.

        Files are made in `cache`.
        """
        self._log = log
        self._folder = folder
        self._genres = tuple(tempos_bpm)
        self._jobs = Jobs(tempos_bpm, cache)
        self._open: dict[Path, History] = {}
        self._reading = asyncio.Lock()

    def close(self) -> None:
        """End what runs."""
        self._jobs.close()

    def routes(self) -> list[BaseRoute]:
        """All of it; who only looks may read."""
        return [
            Route("/performances", self._performances),
            Route("/history", self._history),
            Route("/marks", self._mark, methods=["POST"]),
            Route("/bars/{first:int}-{last:int}.mid", self._range),
            Route("/jobs", self._begin, methods=["POST"]),
            Route("/jobs/{id}", self._job),
            Route("/jobs/{id}", self._cancel, methods=["DELETE"]),
            Route("/jobs/{id}/file", self._file),
        ]

    async def _performances(self, _request: Request) -> Response:
        names = [path.stem for path in newest_first(self._folder)]
        return JSONResponse({"names": names, "now": None if self._log is None else self._log.stem})

    async def _history(self, request: Request) -> Response:
        try:
            log = self._log_of(request.query_params)
            first = _whole(request.query_params, "from", 1)
            last = _whole(request.query_params, "to", None)
            async with self._reading:
                bars, count = await asyncio.to_thread(self._history_of(log).bars, first or 1, last)
        except ConfigError as error:
            return JSONResponse({"error": str(error)}, 404)
        marks = Marks(log).read()
        told = [
            {**asdict(bar), "mark": marks.get(bar.number), "figures": asdict(bar.figures())}
            for bar in bars
        ]
        return JSONResponse({"bars": told, "count": count, "name": log.stem})

    async def _mark(self, request: Request) -> Response:
        async def mark(given: dict[str, Any]) -> dict[str, Any]:
            number, words = given.get("bar"), given.get("words", "")
            if not isinstance(number, int) or number < 1 or not isinstance(words, str):
                raise ConfigError("expected the number of a bar, and words")
            return {"marks": Marks(self._log_of(given)).set(number, words)}

        return await self._obeyed(request, mark)

    async def _begin(self, request: Request) -> Response:
        async def begin(given: dict[str, Any]) -> dict[str, Any]:
            suffix = given.get("as", "mid")
            if isinstance(given.get("loop"), dict):
                return self._jobs.loop(given["loop"], suffix)
            first, last = given.get("from"), given.get("to")
            if not isinstance(first, int) or not isinstance(last, int) or not 1 <= first <= last:
                raise ConfigError("expected bars by number, from and to, or a loop")
            return self._jobs.export(self._log_of(given), first, last, suffix)

        return await self._obeyed(request, begin, 202)

    async def _range(self, request: Request) -> Response:
        """Bars as a MIDI file, in one answer: what a browser asks for that drags them elsewhere."""
        if request.scope["role"] is Role.LOOK:
            return PlainTextResponse("this link is for looking", 403)
        first, last = request.path_params["first"], request.path_params["last"]
        try:
            if not 1 <= first <= last:
                raise ConfigError("expected bars by number, the first one first")
            log = self._log_of(request.query_params)
            id_ = self._jobs.export(log, first, last, "mid")["id"]
        except ConfigError as error:
            return PlainTextResponse(str(error), 404)
        await self._jobs.wait(id_)
        found = self._jobs.file(id_)
        if found is None:
            return PlainTextResponse((self._jobs.told(id_) or {}).get("words") or "cancelled", 404)
        file, name = found
        return FileResponse(file, media_type=SUFFIXES["mid"], filename=name)

    async def _job(self, request: Request) -> Response:
        return _known(self._jobs.told(request.path_params["id"]))

    async def _cancel(self, request: Request) -> Response:
        if request.scope["role"] is Role.LOOK:
            return PlainTextResponse("this link is for looking", 403)
        return _known(self._jobs.cancel(request.path_params["id"]))

    async def _file(self, request: Request) -> Response:
        found = self._jobs.file(request.path_params["id"])
        if found is None:
            return PlainTextResponse("it is not there", 404)
        file, name = found
        return FileResponse(file, media_type=SUFFIXES[file.suffix[1:]], filename=name)

    async def _obeyed(self, request: Request, obey: Any, status: int = 200) -> Response:
        """What is made of a JSON object by those who may lead; refusals are one line."""
        if request.scope["role"] is Role.LOOK:
            return JSONResponse({"error": "this link is for looking"}, 403)
        try:
            given = json.loads(await request.body())
            if not isinstance(given, dict):
                raise ConfigError("expected a JSON object")
            return JSONResponse(await obey(given), status)
        except (ValueError, RecursionError):
            return JSONResponse({"error": "expected a JSON object"}, 400)
        except ConfigError as error:
            return JSONResponse({"error": str(error)}, 400)

    def _log_of(self, given: Mapping[str, Any]) -> Path:
        """The log that is asked for by name, else what plays, else the last one.

        Raises ConfigError.
        """
        name = given.get("log")
        there = newest_first(self._folder)
        if name is None:
            if self._log is not None:
                return self._log
            if there:
                return there[0]
            raise ConfigError("nothing was played yet")
        found = next((path for path in there if path.stem == name), None)
        if found is None:
            raise ConfigError(f"there is no performance {str(name)[:60]!r}")
        return found

    def _history_of(self, log: Path) -> History:
        history = self._open.pop(log, None) or History(log, self._genres)
        self._open[log] = history
        for other in list(self._open)[:-OPEN_MAX]:
            del self._open[other]
        return history


def _known(told: dict[str, Any] | None) -> Response:
    return JSONResponse({"error": "there is none"}, 404) if told is None else JSONResponse(told)


def _whole(given: Mapping[str, str], name: str, otherwise: int | None) -> int | None:
    text = given.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or len(text) > 9:
        raise ConfigError(f"expected {name} as a whole number")
    return int(text)
