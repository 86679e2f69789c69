// What plays, heard in this browser: each strike at its own time, later than on stage by one
// constant delay. The samples are the daemon's own synth, struck note by note.

import { el, say, slider } from "./dom.js";
import { hereSeconds } from "./net.js";
import { WebMidi } from "./webmidi.js";

const DELAYS_MS = [60, 120, 250, 500];
const USUAL_MS = 120;
const LATE_SECONDS = 0.03; // later than that a strike is left out: better a hole than a flam
const CHOKE_SECONDS = 0.02;
const SLEW = 0.05; // of what the clocks differ by is followed at each look
const JUMP_SECONDS = 0.05; // a difference that is no drift: the machine was asleep

/** Plays strikes into an AudioContext's `out`. */
export class Sampler {
  #context;
  #buffers = new Map(); // note -> [{velocity, buffer, pan}], softest first
  #chokes = new Map();
  #scheduled = []; // {note, step, at, source, gain}
  #offset = null; // the context's time less this page's
  delaySeconds = USUAL_MS / 1000;
  late = 0;
  dropped = 0;
  played = 0;

  constructor(context) {
    this.#context = context;
    this.out = new GainNode(context);
    this.out.connect(context.destination);
  }

  /** Raises an Error with the server's line where there are no samples. */
  async load() {
    const answer = await fetch("/samples/manifest.json");
    const manifest = await answer.json();
    if (!answer.ok) throw new Error(manifest.error);
    for (const [note, layers] of Object.entries(manifest.notes))
      this.#buffers.set(Number(note), await Promise.all(layers.map(async ({ velocity, file, pan }) => {
        const bytes = await (await fetch(`/samples/${file}`)).arrayBuffer();
        return { velocity, pan, buffer: await this.#context.decodeAudioData(bytes) };
      })));
    for (const [note, others] of Object.entries(manifest.chokes)) this.#chokes.set(Number(note), others);
    return manifest;
  }

  /** This context's time at a moment of this page's clock, in seconds. */
  contextTime(here) {
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    const seen = performanceTime > 0
      ? contextTime - performanceTime / 1000
      : this.#context.currentTime - hereSeconds();
    const off = seen - (this.#offset ?? seen);
    if (this.#offset === null || Math.abs(off) > JUMP_SECONDS) this.#offset = seen;
    else this.#offset += SLEW * off;
    return here + this.#offset;
  }

  /** Strike at a time of the context. */
  strike(note, velocity, at, step) {
    const now = this.#context.currentTime;
    if (at < now) {
      this.late += 1;
      if (at < now - LATE_SECONDS) {
        this.dropped += 1;
        return;
      }
    }
    const layers = this.#buffers.get(note);
    if (!layers) return;
    const layer = layers.find((it) => it.velocity >= velocity) ?? layers.at(-1);
    const source = new AudioBufferSourceNode(this.#context, { buffer: layer.buffer });
    const gain = new GainNode(this.#context, { gain: Math.min(1.2, (velocity / layer.velocity) ** 1.5) });
    source.connect(gain).connect(new StereoPannerNode(this.#context, { pan: layer.pan })).connect(this.out);
    const start = Math.max(at, now);
    for (const it of this.#scheduled)
      if (this.#chokes.get(note)?.includes(it.note) && it.at < start) this.#fade(it, start);
    source.start(start);
    const it = { note, step, at: start, source, gain };
    this.#scheduled.push(it);
    source.onended = () => this.#scheduled.splice(this.#scheduled.indexOf(it), 1);
    this.played += 1;
  }

  #fade({ gain, source }, at) {
    gain.gain.setTargetAtTime(0, at, CHOKE_SECONDS / 4);
    source.stop(at + CHOKE_SECONDS);
  }

  /** The notes of a step that sound already; what of it does not is taken back. */
  takeBack(step) {
    const its = this.#scheduled.filter((it) => it.step === step);
    const now = this.#context.currentTime;
    for (const it of its) if (it.at > now) it.source.stop();
    return its.filter((it) => it.at <= now).map((it) => it.note);
  }

  /** Nothing more sounds from a time of the context on; with `all`, what rings ends too. */
  silence(at, all) {
    for (const it of [...this.#scheduled]) {
      if (it.at >= at) it.source.stop();
      else if (all) this.#fade(it, Math.max(at, this.#context.currentTime));
    }
  }
}

export function mount(element, net) {
  let sampler = null;
  let context = null;
  const midi = new WebMidi();
  const button = el("button", { type: "button", class: "listen", text: "Listen here", on: { click: () => (context ? stop() : start()) } });
  const volume = slider({ min: 0, max: 1.5, step: 0.01, value: 1, "aria-label": "Volume" }, (value) => sampler && (sampler.out.gain.value = value));
  const delay = el("select", { "aria-label": "Delay", title: "longer where strikes come late", on: { change: () => setDelay() } },
    ...DELAYS_MS.map((ms) => el("option", { value: ms, text: `${ms} ms behind`, selected: ms === USUAL_MS })));
  const figures = el("p", { class: "figures", role: "status" });
  element.append(el("h2", { text: "Sound" }),
    el("div", { class: "group" }, button, el("label", { class: "lane-level" }, "Volume ", volume), delay, midi.element), figures);

  function setDelay() {
    const seconds = Number(delay.value) / 1000;
    if (sampler) sampler.delaySeconds = seconds;
    midi.delaySeconds = seconds;
    net.heardDelaySeconds = sampler || midi.open ? seconds : 0;
  }

  async function start() {
    context = new AudioContext({ latencyHint: "interactive" });
    button.disabled = true;
    say(button, "Loading …");
    try {
      await context.resume();
      const loading = new Sampler(context);
      const manifest = await loading.load();
      sampler = loading;
      sampler.out.gain.value = volume.value;
      element.sampler = sampler; // for the console, and for tests
      element.dataset.bytes = manifest.bytes;
      say(button, "Stop listening");
      net.want({ hear: true });
    } catch (error) {
      say(figures, `No sound here: ${error.message}`);
      await context.close();
      context = null;
      say(button, "Listen here");
    }
    button.disabled = false;
    setDelay();
  }

  async function stop() {
    sampler = null;
    await context.close();
    context = null;
    say(button, "Listen here");
    say(figures, "");
    setDelay();
  }

  /** This page's clock at a moment of the server's, as far behind as it plays. */
  const here = (due) => net.clock.here(due);

  net.on("sounds", (sounds, { step }) => {
    midi.sounds(sounds, step, here);
    if (!sampler) return;
    const had = sampler.takeBack(step);
    for (const [due, note, velocity] of sounds) {
      if (had.includes(note)) continue;
      sampler.strike(note, velocity, sampler.contextTime(here(due) + sampler.delaySeconds), step);
    }
    say(figures, `late ${sampler.late}, left out ${sampler.dropped}, heard ${sampler.played}`);
  });
  net.on("silence", (due, { all }) => {
    midi.silence();
    sampler?.silence(sampler.contextTime(here(due) + sampler.delaySeconds), all);
  });
  midi.onchange = () => {
    if (midi.open) net.want({ hear: true });
    setDelay();
  };
}
