// Out to a machine that is plugged into this browser, where the browser has Web MIDI.

import { el, renewed } from "./dom.js";

const CHANNEL = 9;
const GATE_MS = 60;
const KEPT_STEPS = 64;

export class WebMidi {
  #access = null;
  #output = null;
  #sounding = new Set();
  #sent = new Map(); // by step: the notes that were handed over
  delaySeconds = 0.12;
  onchange = () => {};

  constructor() {
    this.choice = el("select", { "aria-label": "MIDI out of this browser", hidden: true, on: { change: () => this.#choose() } });
    this.button = el("button", { type: "button", text: "MIDI out here", hidden: !navigator.requestMIDIAccess, on: { click: () => this.#ask() } });
    this.element = el("span", { class: "webmidi" }, this.button, this.choice);
    addEventListener("pagehide", () => this.silence());
  }

  get open() {
    return this.#output !== null;
  }

  async #ask() {
    try {
      this.#access = await navigator.requestMIDIAccess();
    } catch {
      this.button.textContent = "this browser gives no MIDI";
      return;
    }
    this.button.hidden = true;
    this.choice.hidden = false;
    this.#access.onstatechange = () => this.#list();
    this.#list();
  }

  #list() {
    const names = ["", ...this.#access.outputs.keys()];
    renewed(this.choice, names, (id) => el("option", { value: id, text: this.#access.outputs.get(id)?.name ?? "MIDI out: none" }));
    this.choice.value = this.#output?.id ?? "";
    if (this.#output && this.#output.state === "disconnected") this.#choose();
  }

  #choose() {
    this.silence();
    this.#output = this.#access.outputs.get(this.choice.value) ?? null;
    this.onchange();
  }

  /** Send strikes with the moment at which each is due; every one has its end. */
  sounds(sounds, step, here) {
    if (!this.#output) return;
    const had = this.#sent.get(step) ?? [];
    this.#sent.set(step, [...had, ...sounds.map(([, note]) => note)]);
    for (const old of [...this.#sent.keys()].slice(0, -KEPT_STEPS)) this.#sent.delete(old);
    for (const [due, note, velocity] of sounds) {
      if (had.includes(note)) continue; // a step that is said again, and has gone out already
      const at = 1000 * (here(due) + this.delaySeconds);
      this.#output.send([0x90 | CHANNEL, note, velocity], at);
      this.#output.send([0x80 | CHANNEL, note, 0], at + GATE_MS);
      this.#sounding.add(note);
    }
  }

  /** What was handed over and is not due yet is taken back, and every note ends. */
  silence() {
    if (!this.#output) return;
    this.#output.clear?.();
    for (const note of this.#sounding) this.#output.send([0x80 | CHANNEL, note, 0]);
    this.#output.send([0xb0 | CHANNEL, 123, 0]);
    this.#sounding.clear();
    this.#sent.clear();
  }
}
