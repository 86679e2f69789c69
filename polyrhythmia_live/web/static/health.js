// Small honest figures: the clock, what is below the plan, what was lost, and the connection.

import { el, say } from "./dom.js";

const RUNGS = ["as planned", "repeating the last bar", "groove from the preset", "kick and hat"];

export function mount(element, net) {
  const list = el("dl");
  element.append(el("h2", { text: "Health" }), list);
  const values = new Map();
  const show = (name, words, bad = false) => {
    if (!values.has(name)) {
      values.set(name, el("dd"));
      list.append(el("div", {}, el("dt", { text: name }), values.get(name)));
    }
    say(values.get(name), words);
    values.get(name).classList.toggle("trouble", bad);
  };
  net.on("snapshot", ({ status, words, trouble }) => {
    if (!status) {
      show("player", trouble || "starting", true);
      return;
    }
    const unplanned = status.rung_steps.slice(1).reduce((a, b) => a + b, 0);
    show("player", "at work");
    show("clock", words.clock);
    show("playing", RUNGS[status.rung], status.rung > 0);
    show("unplanned", `${unplanned} steps`, unplanned > 0);
    show("late", `${status.late} notes`, status.late > 0);
    show("dropped", `${status.dropped} notes`, status.dropped > 0);
    for (const port of [...status.outputs, ...status.inputs])
      show(port.name, port.condition.words, port.condition.state !== "open");
    const trip = net.clock.tripSeconds;
    show("page", Number.isFinite(trip) ? `${(1000 * trip).toFixed(1)} ms away` : "");
  });
}
