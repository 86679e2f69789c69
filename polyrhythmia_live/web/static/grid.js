// The grid: lanes by steps of the bar that sounds and of the one that comes, and a playhead.
// What changes with the song is drawn once a change; the playhead moves on a canvas of its own.

import { el } from "./dom.js";
import { drawHit, drawLegend, legend } from "./shapes.js";
import { DRUMS, STEP_TICKS } from "./song.js";

const NARROW = 620; // CSS pixels: below this the bar that comes lies under the one that sounds
const ROW = 44;
const COMING_ROW = 18;
const RULER = 22;
const GAP = 18;
const EARLY = 10; // room for a hit that is ahead of its bar line
const LOUDEST = 127;
const SURE = 6; // how high it stands where the drummer is quite sure

/** A colour for each kind of lane; in style.css, so that both themes have their own. */
const KIND = { kick: "kick", snare: "snare", hat: "hat", tom: "tom", crash: "cymbal", ride: "cymbal" };

export function kindOf(lane) {
  return Object.entries(KIND).find(([part]) => lane.includes(part))?.[1] ?? "cymbal";
}

export class Grid {
  #base = el("canvas", { class: "grid-base", "aria-hidden": "true" });
  #over = el("canvas", { class: "grid-over", "aria-hidden": "true" });
  #lanes = [];
  #articulations = new Map();
  #legend = el("div");
  #drawn = "";
  #width = 0;
  #colours = {};

  constructor(element, net, song) {
    this.song = song;
    this.element = element;
    element.append(this.#base, this.#over);
    element.parentElement.after(this.#legend);
    net.on("greeting", (greeting) => {
      this.#lanes = greeting.lanes.map((lane) => lane.name).reverse(); // the kick last, as on paper
      this.#articulations = new Map(greeting.lanes.map((lane) => [lane.name, lane.articulations]));
      this.#legend.replaceChildren(legend(greeting.lanes));
      drawLegend(this.#legend, this.#colours.text);
      this.#drawn = "";
    });
    new ResizeObserver(() => this.#resize()).observe(element);
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.restyle());
    this.restyle();
    requestAnimationFrame(() => this.#turn());
  }

  /** Read the colours anew: the theme is another. */
  restyle() {
    const style = getComputedStyle(this.element);
    const named = (name) => style.getPropertyValue(`--${name}`).trim();
    const names = ["line", "count", "text", "dim", "now", "kick", "snare", "hat", "tom", "cymbal"];
    this.#colours = Object.fromEntries(names.map((name) => [name, named(name)]));
    drawLegend(this.#legend, this.#colours.text);
    this.#drawn = "";
  }

  get #narrow() {
    return this.#width < NARROW;
  }

  get #height() {
    const rows = this.#lanes.length || 9;
    const sounding = RULER + rows * ROW;
    return this.#narrow ? sounding + GAP + RULER + rows * COMING_ROW : sounding;
  }

  #resize() {
    this.#width = this.element.clientWidth;
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.#base, this.#over]) {
      canvas.width = Math.round(this.#width * ratio);
      canvas.height = Math.round(this.#height * ratio);
      canvas.style.height = `${this.#height}px`;
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.element.style.height = `${this.#height}px`;
    this.#drawn = "";
  }

  #turn() {
    requestAnimationFrame(() => this.#turn());
    const { song } = this;
    if (!this.#width || !song.meters || !song.snapshot || document.hidden) return;
    const tick = song.tick;
    const bars = this.#bars(Math.max(0, Math.floor(tick / STEP_TICKS)));
    const known = `${bars[0].first} ${song.told}`;
    if (known !== this.#drawn) {
      this.#drawn = known;
      this.#draw(bars);
    }
    this.#move(bars[0], tick);
  }

  /** The bar that sounds and the next one, each with the place where it is drawn. */
  #bars(step) {
    const sounding = this.song.meters.barAt(step);
    const coming = this.song.meters.barAt(sounding.first + sounding.steps);
    if (this.#narrow) {
      const below = RULER + this.#lanes.length * ROW + GAP;
      return [
        { ...sounding, left: EARLY, width: this.#width - EARLY, top: 0, row: ROW },
        { ...coming, left: EARLY, width: this.#width - EARLY, top: below, row: COMING_ROW },
      ];
    }
    const width = (this.#width - GAP - EARLY) / 2;
    const places = [EARLY, EARLY + width + GAP]; // bars stay where they are: odd ones on the left
    if (sounding.number % 2) places.reverse();
    return [sounding, coming].map((bar, at) => ({ ...bar, left: places[at], width, top: 0, row: ROW }));
  }

  #draw(bars) {
    const pen = this.#base.getContext("2d");
    pen.clearRect(0, 0, this.#width, this.#height);
    for (const [at, bar] of bars.entries()) {
      this.#drawRuler(pen, bar, at === 1);
      pen.globalAlpha = at ? 0.6 : 1;
      for (const [row, lane] of this.#lanes.entries()) this.#drawLane(pen, bar, row, lane);
      pen.globalAlpha = 1;
    }
  }

  #drawRuler(pen, bar, comes) {
    const cell = bar.width / bar.steps;
    const size = bar.row === ROW ? 13 : 11;
    pen.font = `600 ${size}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    pen.fillStyle = this.#colours.count;
    for (const [count, step] of bar.counts.entries()) {
      const x = bar.left + step * cell;
      pen.fillText(count ? `${count + 1}` : `${bar.number + 1}`, x + 4, bar.top + RULER / 2);
    }
    const { snapshot } = this.song;
    const confidence = snapshot.outlooks.findLast((it) => it.voice === DRUMS && it.coming[0]?.index === bar.first)?.confidence;
    pen.fillStyle = this.#colours.count;
    for (const [at, sure] of comes ? this.song.likelihoods(bar.first).entries() : [])
      if (sure !== null) pen.fillRect(bar.left + at * cell + 1, bar.top + RULER - SURE * sure, cell - 2, SURE * sure);
    const cues = snapshot.cues.filter((cue) => cue.first < bar.first + bar.steps && (cue.end ?? Infinity) > bar.first);
    const sure = comes && confidence != null ? `sure ${Math.round(100 * confidence)}%` : "";
    const said = [...cues.map((cue) => cue.name), sure].filter(Boolean).join("  ");
    pen.fillStyle = this.#colours.dim;
    pen.textAlign = "right";
    const right = bar.left + bar.width;
    if (said) {
      const room = Math.min(pen.measureText(said).width, 0.6 * bar.width) + 8;
      pen.clearRect(right - room - 4, bar.top, room + 4, RULER - SURE); // counts make way
    }
    if (said) pen.fillText(said, bar.left + bar.width - 4, bar.top + RULER / 2, bar.width * 0.6);
    pen.textAlign = "left";
  }

  #drawLane(pen, bar, row, lane) {
    const cell = bar.width / bar.steps;
    const top = bar.top + RULER + row * bar.row;
    pen.fillStyle = this.#colours.line;
    pen.fillRect(bar.left, top + bar.row - 1, bar.width, 1);
    for (const step of bar.counts) pen.fillRect(bar.left + step * cell, top, 1, bar.row);
    const number = this.#lanes.length - 1 - row;
    const heard = this.#isHeard(lane);
    const alpha = pen.globalAlpha;
    for (let at = 0; at < bar.steps; at++) {
      const hit = this.song.hits(bar.first + at).find((it) => it[0] === number);
      if (!hit) continue;
      const [, velocity, microtiming = 0, articulation = 0] = hit;
      const loud = velocity / LOUDEST;
      const x = bar.left + (at + microtiming / STEP_TICKS) * cell;
      const height = (0.34 + 0.5 * loud) * bar.row;
      const width = Math.max(3, cell * 0.62);
      pen.globalAlpha = alpha * (heard ? 0.25 + 0.75 * loud : 0.12);
      pen.fillStyle = pen.strokeStyle = this.#colours[kindOf(lane)];
      drawHit(pen, this.#articulations.get(lane)[articulation], x + 1 + width / 2, top + bar.row / 2, width, height);
    }
    pen.globalAlpha = alpha;
  }

  #isHeard(lane) {
    const mix = this.song.snapshot.status?.mix;
    if (!mix) return true;
    return !mix.silent && !mix.muted.includes(lane) && (!mix.soloed.length || mix.soloed.includes(lane));
  }

  #move(bar, tick) {
    const pen = this.#over.getContext("2d");
    pen.clearRect(0, 0, this.#width, this.#height);
    if (!this.song.rolls || tick < 0) return;
    const x = bar.left + ((tick / STEP_TICKS - bar.first) / bar.steps) * bar.width;
    const height = RULER + this.#lanes.length * bar.row;
    pen.fillStyle = this.#colours.now;
    pen.globalAlpha = 0.9;
    pen.fillRect(x - 1, bar.top, 2, height);
    this.element.dataset.tick = Math.round(tick); // for the console, and for tests
  }
}
