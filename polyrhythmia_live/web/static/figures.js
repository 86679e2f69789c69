// What a bar is like: its figures beside those of people who play the genre.

import { el, say } from "./dom.js";

/** What each is called, written and drawn over: from where to where. */
const FIGURES = {
  density: ["Density", (it) => `${it} hits`, 0, 48],
  polyphony: ["Polyphony", (it) => `${it.toFixed(1)} at once`, 1, 3],
  syncopation: ["Syncopation", (it) => `${it.toFixed(1)} a beat`, 0, 6],
  swing: ["Swing", (it) => `${Math.round(100 * it)} %`, 0.4, 0.75],
  groove: ["Groove", (it) => `${Math.round(it)} ms off`, 0, 50],
};

export function mount(element, net, { people }, history) {
  const title = el("h2", { text: "Figures" });
  const rows = new Map(Object.entries(FIGURES).map(([name, [words]]) => {
    const value = el("output", { "aria-label": words });
    const scale = el("div", { class: "scale", "aria-hidden": "true" }, el("i"), el("b"));
    return [name, { value, scale, row: el("div", { class: "figure" }, el("span", { text: words }), scale, value) }];
  }));
  const beside = el("p", { class: "figures" });
  element.append(title, ...[...rows.values()].map(({ row }) => row), beside);
  let genre = null;

  const share = (value, low, high) => `${Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)))}%`;

  function show({ number, figures, now }) {
    const theirs = now ? people[genre] : undefined;
    say(title, `Figures of bar ${number}`);
    say(beside, theirs ? `the band: where half of the bars of people who play ${genre} lie` : "");
    for (const [name, [words, written, low, high]] of Object.entries(FIGURES)) {
      const { value, scale } = rows.get(name);
      const [band, mark] = scale.children;
      const own = figures[name];
      const half = theirs?.[name];
      say(value, own === null ? "none" : written(own));
      value.ariaLabel = half && own !== null ? `${words}; people: ${written(half[0])} to ${written(half[2])}` : words;
      mark.hidden = own === null;
      band.hidden = !half;
      if (own !== null) scale.style.setProperty("--at", share(own, low, high));
      if (!half) continue;
      const [from, to] = [share(half[0], low, high), share(half[2], low, high)];
      scale.style.setProperty("--from", from);
      scale.style.setProperty("--wide", `${Math.max(2, parseFloat(to) - parseFloat(from))}%`);
    }
  }

  history.addEventListener("bar", ({ detail }) => show(detail));
  net.on("snapshot", ({ levels }) => (genre = levels.find(([it]) => it === "genre")?.[1][0]?.[0] ?? null));
}
