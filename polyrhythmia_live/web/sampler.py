"""The samples that pages play: rendered once by a process of its own, kept on disk, served."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyrhythmia_live.drums.kit import RINGING
from polyrhythmia_live.web import making
from polyrhythmia_live.wires.base import SynthSound

RENDER_SECONDS = 60.0
RENDERER = "polyrhythmia_live.web.samples"
MANIFEST = "manifest.json"
KEPT_BYTES = 200_000_000
"""Of the samples of all kits that were ever listened to; the oldest make room."""
FORM = 1
"""Of what is in the folder: where the renderer makes something else, it is another one."""


class Sampler:
    """The sounds of one kit. Threads: the event loop's."""

    def __init__(self, sound: SynthSound, cache: Path) -> None:
        """`cache` is a folder whose files may be lost."""
        self._sound = sound
        self._cache = cache
        self._files: dict[str, bytes] = {}
        self._asked = asyncio.Lock()

    async def serve(self, request: Request) -> Response:
        """A sample, or what there is of them; 503 and one line where there is no synth."""
        name = request.path_params["name"]
        async with self._asked:
            if not self._files:
                trouble = await self._load()
                if trouble:
                    return JSONResponse({"error": trouble}, 503)
        if name not in self._files:
            return Response("nothing is here", 404)
        kind = "application/json" if name == MANIFEST else "audio/wav"
        lasting = "no-store" if name == MANIFEST else "private, max-age=86400"
        return Response(self._files[name], media_type=kind, headers={"Cache-Control": lasting})

    async def _load(self) -> str:
        """Render what is not there yet, and read it; what went wrong, in one line."""
        try:
            folder = self._cache / folder_name(self._sound)
        except OSError as error:
            return f"{self._sound.soundfont}: {error.strerror}"
        manifest = folder / MANIFEST
        if not manifest.exists():
            trouble = await self._render(folder)
            if trouble:
                return trouble
        try:
            notes = json.loads(manifest.read_text())["notes"]
            names = [layer["file"] for layers in notes.values() for layer in layers]
            files = {name: (folder / name).read_bytes() for name in names}
            self._files = {**files, MANIFEST: manifest.read_bytes()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            manifest.unlink(missing_ok=True)  # rendered anew when it is asked for again
            return f"the samples in {folder} cannot be read: {error}"
        return ""

    async def _render(self, folder: Path) -> str:
        renderer = await making.start(
            *(sys.executable, "-m", RENDERER, str(folder)),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(RENDER_SECONDS):
                _, said = await renderer.communicate(asked(self._sound))
        except TimeoutError:
            renderer.kill()
            await renderer.wait()
            return f"the synth took more than {RENDER_SECONDS:.0f} s for its samples"
        if renderer.returncode == 0:
            making.make_room(self._cache, folder, KEPT_BYTES)
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"the synth crashed (exit {renderer.returncode})"


def asked(sound: SynthSound) -> bytes:
    """What the renderer is told on its standard input."""
    soundfont = None if sound.soundfont is None else str(sound.soundfont)
    return json.dumps({"soundfont": soundfont, "kit": sound.kit, "gain": sound.gain}).encode()


def folder_name(sound: SynthSound) -> str:
    """A name for what this sound gives: another soundfont, or the same one changed, has another."""
    facts: list[object] = [FORM, sorted(RINGING.notes.items()), str(sound)]
    if sound.soundfont is not None:
        there = sound.soundfont.stat()
        facts += [there.st_size, there.st_mtime_ns]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]
