// A fresh loop: genre, tempo, length, seed and levels; heard, and taken home as it is heard.

import { Making } from "./bars.js";
import { el, say, slider } from "./dom.js";

const LEVELS = ["complexity", "density", "intensity"];
const FORMATS = { mid: "MIDI", wav: "WAV", jsonl: "JSON" };

export function mount(element, _net, { genres }) {
  const names = Object.keys(genres);
  const number = (label, properties) => {
    const input = el("input", { type: "number", inputMode: "numeric", ...properties });
    return [input, el("label", { class: "field" }, label, input)];
  };
  const genre = el("select", { "aria-label": "Genre of the loop", on: { change: () => (bpm.placeholder = Math.round(genres[genre.value])) } },
    ...names.map((name) => el("option", { text: name, value: name })));
  const [bpm, bpmField] = number("bpm", { min: 20, max: 320, placeholder: Math.round(genres[names[0]]) });
  const [seconds, secondsField] = number("seconds", { min: 1, max: 600, value: 30 });
  const [bars, barsField] = number("or bars", { min: 1, max: 512 });
  const [seed, seedField] = number("seed", { min: 0, placeholder: "any" });
  const sliders = LEVELS.map((name) => {
    const input = slider({ min: 0, max: 1, step: 0.01, value: 0.5, "aria-label": `${name} of the loop` });
    return [name, input, el("label", { class: "lane-level" }, name, input)];
  });
  const go = el("button", { type: "submit", text: "Make a loop" });
  const stop = el("button", { type: "button", text: "Cancel", hidden: true, on: { click: () => making?.cancel() } });
  const how = el("progress", { max: 100, hidden: true, "aria-label": "How far it is" });
  const said = el("output", { class: "said", "aria-live": "polite" });
  const player = el("audio", { controls: true, loop: true, hidden: true, "aria-label": "The loop" });
  const links = el("div", { class: "group" });
  const form = el("form", { class: "group", on: { submit } },
    genre, bpmField, secondsField, barsField, seedField, ...sliders.map(([, , label]) => label), go, stop, how);
  element.append(el("h2", { text: "A fresh loop" }), form, player, links, said);
  let making = null;

  const given = (input) => (input.value === "" ? undefined : Number(input.value));

  async function submit(event) {
    event.preventDefault();
    const loop = {
      genre: genre.value, bpm: given(bpm), seed: given(seed),
      ...(bars.value ? { bars: given(bars) } : { seconds: given(seconds) }),
      ...Object.fromEntries(sliders.map(([name, input]) => [name, Number(input.value)])),
    };
    const job = await made(loop, "wav");
    if (!job) return;
    player.src = job.link;
    player.hidden = false;
    say(said, `${job.genre}, ${job.bars} bars at ${job.bpm} bpm, seed ${job.seed}`);
    const same = { ...loop, seconds: undefined, bars: Number(job.bars), bpm: Number(job.bpm), seed: Number(job.seed) };
    links.replaceChildren(...Object.entries(FORMATS).map(([suffix, words]) =>
      el("button", { type: "button", text: words, on: { click: async () => {
        const file = suffix === "wav" ? job : await made(same, suffix);
        if (file) el("a", { href: file.link, download: `${file.name}.${suffix}` }).click();
      } } })));
  }

  /** The job that made it; null where it was not made, and why is said. */
  async function made(loop, suffix) {
    making = new Making();
    go.disabled = true;
    stop.hidden = how.hidden = false;
    say(said, "");
    try {
      return await making.begin({ loop, as: suffix }, ({ percent }) => (how.value = percent));
    } catch (error) {
      say(said, error.message);
      return null;
    } finally {
      go.disabled = false;
      stop.hidden = how.hidden = true;
    }
  }
}
