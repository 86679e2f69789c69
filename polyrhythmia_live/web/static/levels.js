// Every level of the control table as a slider, or as a list where it chooses.

import { el, paced, renewed, say } from "./dom.js";

const LARGE = ["energy", "density", "intensity", "complexity", "temperature", "stability"];
const ELSEWHERE = ["genre", "level"]; // in the head of the page, and beside the lanes
const TRAVEL = 1000; // steps of a slider
const SENT_PER_SECOND = 30;
const HELD_MS = 600; // what is being moved is not moved by what comes back

/** From a value to 0..1 of the slider's travel, and back, by the level's curve. */
const CURVES = {
  linear: [(v, { low, high }) => (v - low) / (high - low), (u, { low, high }) => low + u * (high - low)],
  exponential: [
    (v, { low, high }) => Math.log(v / low) / Math.log(high / low),
    (u, { low, high }) => low * (high / low) ** u,
  ],
};

export function written(level, value) {
  if (level.unit === "%") return `${Math.round(100 * value)} %`;
  if (level.unit) return `${Math.round(10 * value) / 10} ${level.unit}`;
  return value.toFixed(2);
}

/** One level that is a number. */
class Slider {
  #heldUntil = 0;

  constructor(level, net) {
    this.level = level;
    [this.toUnit, this.fromUnit] = CURVES[level.curve];
    const send = paced(SENT_PER_SECOND, (value) => net.send({ set: level.name, value }));
    const id = `level-${level.name}`;
    this.input = el("input", {
      type: "range", id, min: 0, max: TRAVEL, step: 1, title: level.about,
      on: {
        input: () => {
          if (this.#heldUntil !== Infinity) this.#hold();
          const value = this.fromUnit(this.input.value / TRAVEL, level);
          this.#say(value);
          send(value);
        },
        pointerdown: () => (this.#heldUntil = Infinity),
        pointerup: () => this.#hold(),
        pointercancel: () => this.#hold(),
        dblclick: () => this.#reset(net),
        keydown: (event) => event.key === "Delete" && this.#reset(net),
      },
    });
    this.value = el("button", {
      type: "button", class: "value", title: "type a value", on: { click: () => this.#type(net) },
    });
    this.typed = el("input", {
      class: "typed", hidden: true, "aria-label": `${level.name}, typed`,
      on: { keydown: (event) => this.#typed(event, net), blur: () => this.#close() },
    });
    this.element = el("div", { class: "level" },
      el("label", { htmlFor: id, text: level.name }), this.value, this.typed, this.input);
    const mark = this.toUnit(level.default, level);
    this.element.style.setProperty("--usual", `${100 * mark}%`);
  }

  show(value) {
    if (value === undefined || performance.now() < this.#heldUntil) return;
    this.input.value = Math.round(TRAVEL * this.toUnit(value, this.level));
    this.#say(value);
  }

  #say(value) {
    const words = written(this.level, value);
    say(this.value, words);
    this.value.ariaLabel = `${this.level.name} ${words}: type a value`;
    this.input.setAttribute("aria-valuetext", words);
    this.element.style.setProperty("--travel", `${this.input.value / (TRAVEL / 100)}%`);
    this.element.classList.toggle("moved", Math.abs(value - this.level.default) > 1e-9);
  }

  /** For a while yet, or for as long as the finger is on it. */
  #hold() {
    this.#heldUntil = performance.now() + HELD_MS;
  }

  #reset(net) {
    net.send({ set: this.level.name, value: this.level.default });
  }

  #type() {
    this.value.hidden = true;
    this.typed.hidden = false;
    this.typed.value = this.value.textContent;
    this.typed.select();
    this.typed.focus();
  }

  #typed(event, net) {
    if (event.key === "Enter") {
      net.send({ set: this.level.name, value: this.typed.value });
      this.#close();
    } else if (event.key === "Escape") this.#close();
  }

  #close() {
    const had = document.activeElement === this.typed;
    this.typed.hidden = true;
    this.value.hidden = false;
    if (had) this.value.focus();
  }
}

/** One level that chooses among genres. */
class Choice {
  constructor(level, net) {
    const id = `level-${level.name}`;
    this.level = level;
    this.input = el("select", {
      id, title: level.about,
      on: { change: () => net.send({ choose: level.name, index: this.input.selectedIndex }) },
    });
    renewed(this.input, net.greeting.genres, (name) => el("option", { text: name, value: name }));
    this.element = el("div", { class: "level" }, el("label", { htmlFor: id, text: level.name }), this.input);
  }

  show(name) {
    if (name !== undefined && document.activeElement !== this.input) this.input.value = name;
  }
}

export function mount(element, net, song) {
  const large = el("div", { class: "large" });
  const others = el("div", { class: "others" });
  const more = el("details", { class: "more" }, el("summary", { text: "More levels" }), others);
  element.append(el("h2", { text: "Levels" }), large, more);
  let shown = [];

  net.on("greeting", ({ levels }) => {
    shown = levels
      .filter((level) => !ELSEWHERE.includes(level.name))
      .map((level) => new (level.curve === "choice" ? Choice : Slider)(level, net));
    for (const it of shown) it.name = it.level?.name ?? "";
    const isLarge = (it) => LARGE.includes(it.name);
    large.replaceChildren(...LARGE.map((name) => shown.find((it) => it.name === name)?.element).filter(Boolean));
    others.replaceChildren(...shown.filter((it) => !isLarge(it)).map((it) => it.element));
  });
  net.on("snapshot", ({ levels, status }) => {
    const values = new Map(levels);
    const mixture = values.get("genre") ?? [];
    values.set("morph", mixture[1]?.[1] ?? 0);
    values.set("towards", mixture[1]?.[0]);
    if (status) values.set("tempo", status.timeline.tempo_bpm);
    for (const it of shown) it.show(values.get(it.name));
  });
}
