// Bars that were played, as small pictures, and files that are made of them.

import { kindOf } from "./grid.js";

const WAIT_MS = 400;

/** Draw a bar of the history: lanes by steps, as brightly as it was struck. */
export function drawBar(canvas, bar, lanes, colours) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth || 96, canvas.clientHeight || 54];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const [cell, row] = [width / bar.steps, height / lanes.length];
  for (const [step, lane, velocity] of bar.hits) {
    pen.globalAlpha = 0.3 + (0.7 * velocity) / 127;
    pen.fillStyle = colours[kindOf(lanes[lane])];
    pen.fillRect(step * cell, height - (lane + 1) * row + 0.5, Math.max(2, cell - 1), row - 1);
  }
}

export function coloursOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(["kick", "snare", "hat", "tom", "cymbal"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** An answer of the server as JSON. Throws an Error with its own line. */
export async function asked(path, request) {
  const answer = await fetch(path, request && {
    method: request.method ?? "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error ?? answer.statusText);
  return told;
}

/** Have a file made, and wait for it; `tell` hears how far it is. Throws where it fails. */
export class Making {
  #cancelled = false;
  id = null;

  async begin(request, tell = () => {}) {
    let job = await asked("/jobs", request);
    this.id = job.id;
    while (job.state === "waiting" || job.state === "making") {
      tell(job);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      if (this.#cancelled) throw new Error("cancelled");
      job = await asked(`/jobs/${job.id}`);
    }
    if (job.state !== "done") throw new Error(job.words || job.state);
    return { ...job, link: `/jobs/${job.id}/file` };
  }

  async cancel() {
    this.#cancelled = true;
    if (this.id) await fetch(`/jobs/${this.id}`, { method: "DELETE" });
  }
}
