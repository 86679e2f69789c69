// Voices of their own: each a ring that turns at its own rate. All of them meet on one, at the top.

import { el, renewed, say } from "./dom.js";
import { kindOf } from "./grid.js";
import { coloursOf } from "./bars.js";
import { DRUMS, STEP_TICKS } from "./song.js";

const SIZE = 260; // CSS pixels
const WIDE = 22; // of a ring
const LOUDEST = 127;

const inWords = ({ numerator, denominator }, sign) => `${numerator}${sign}${denominator}`;

export class Rings {
  #canvas = el("canvas", { class: "rings", "aria-hidden": "true" });
  #list = el("ul", { class: "ring-list" });
  #lanes = [];

  constructor(element, net, song) {
    this.song = song;
    this.element = element;
    element.append(el("h2", { text: "Voices" }), this.#canvas, this.#list);
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = this.#canvas.height = SIZE * ratio;
    this.#canvas.getContext("2d").scale(ratio, ratio);
    net.on("greeting", (greeting) => (this.#lanes = greeting.lanes.map((lane) => lane.name)));
    net.on("snapshot", () => this.#show());
    requestAnimationFrame(() => this.#turn());
  }

  /** The first voice and each beside it: where its bar is, in its own steps. */
  #voices() {
    const parts = this.song.snapshot?.status?.parts ?? [];
    if (!parts.length || !this.song.meters) return [];
    const bar = this.song.meters.barAt(Math.max(0, this.song.step));
    const drums = {
      name: DRUMS, words: `${DRUMS} ${bar.words}`, first: bar.first, steps: bar.steps, step: this.song.tick / STEP_TICKS,
    };
    return [drums, ...parts.map((part) => {
      const meter = part.meter;
      const steps = meter ? (meter.numerator * 16) / meter.denominator : bar.steps;
      const step = this.song.tickOf(part.ratio) / STEP_TICKS;
      const words = [part.name, inWords(part.ratio, ":"), meter && inWords(meter, "/"), ...part.lanes].filter(Boolean);
      return { name: part.name, words: words.join(" "), first: Math.floor(step / steps) * steps, steps, step };
    })];
  }

  #show() {
    const voices = this.#voices();
    this.element.hidden = !voices.length;
    renewed(this.#list, voices.map((it) => it.name), (name) => el("li", { data: { voice: name } }));
    for (const [at, voice] of voices.entries()) say(this.#list.children[at], voice.words);
  }

  #turn() {
    requestAnimationFrame(() => this.#turn());
    if (this.element.hidden || document.hidden || !this.song.snapshot) return;
    const pen = this.#canvas.getContext("2d");
    const colours = coloursOf(this.element);
    const style = getComputedStyle(this.element);
    pen.clearRect(0, 0, SIZE, SIZE);
    for (const [at, voice] of this.#voices().entries()) {
      const radius = SIZE / 2 - WIDE * (at + 0.7);
      if (radius < WIDE / 2) return;
      const turn = (voice.step - voice.first) / voice.steps;
      if (this.#list.children[at]) this.#list.children[at].dataset.turn = turn.toFixed(3); // for tests
      this.#drawRing(pen, voice, radius, turn, colours, style);
    }
  }

  #drawRing(pen, voice, radius, turn, colours, style) {
    const at = (share) => {
      const angle = 2 * Math.PI * share - Math.PI / 2;
      return [SIZE / 2 + radius * Math.cos(angle), SIZE / 2 + radius * Math.sin(angle)];
    };
    const dot = (share, size) => {
      pen.beginPath();
      pen.arc(...at(share), size, 0, 2 * Math.PI);
      pen.fill();
    };
    pen.globalAlpha = 1;
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue("--edge").trim();
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(SIZE / 2, SIZE / 2, radius, 0, 2 * Math.PI);
    pen.stroke();
    for (let step = 0; step < voice.steps; step++) dot(step / voice.steps, step ? 1.5 : 4);
    for (let step = 0; step < voice.steps; step++)
      for (const [lane, velocity] of this.song.hits(voice.first + step, voice.name)) {
        pen.globalAlpha = 0.3 + (0.7 * velocity) / LOUDEST;
        pen.fillStyle = colours[kindOf(this.#lanes[lane])];
        dot(step / voice.steps, 6);
      }
    pen.globalAlpha = 1;
    pen.fillStyle = style.getPropertyValue("--now").trim();
    if (this.song.rolls) dot(turn, 4);
  }
}
