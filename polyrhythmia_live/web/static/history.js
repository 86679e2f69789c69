// The ribbon: each bar that was played is a small picture. A range of them is heard again, marked,
// and taken home.

import { asked, coloursOf, drawBar, Making } from "./bars.js";
import { el, say } from "./dom.js";

const SHOWN = 96; // bars in the ribbon; older ones come when it is walked back
const FORMATS = { mid: "MIDI", wav: "WAV", jsonl: "JSON" };
const LOOK_MS = 1000;

export function mount(element, net, { plays }) {
  let lanes = [];
  let bars = new Map();
  let count = 0;
  let name = null; // of another performance; null = the one that plays
  let first = 0; // of the range that is chosen, 0 = none
  let last = 0;
  let follows = true; // the newest bars are shown; false = those that were gone back to
  let scrolls = true; // they are kept in sight; false = somebody is choosing
  let ownClock = false; // the tempo is ours to set
  const levels = new Map(); // bar -> what the levels were, as far as this page has seen

  const performances = el("select", { "aria-label": "Performance", on: { change: () => another(performances.value) } });
  const ribbon = el("div", { class: "ribbon", role: "listbox", "aria-label": "Bars that were played", "aria-multiselectable": "true", tabIndex: 0 });
  const older = el("button", { type: "button", text: "Older", on: { click: () => back() } });
  const newest = el("button", { type: "button", text: "Newest", on: { click: () => { follows = scrolls = true; look(); } } });
  const said = el("output", { class: "said", "aria-live": "polite" });
  const player = el("audio", { controls: true, hidden: true, "aria-label": "Bars that were chosen" });
  const links = el("span", { class: "links" });
  const hear = el("button", { type: "button", text: "Hear it", on: { click: () => make("wav", true) } });
  const saves = Object.entries(FORMATS).map(([suffix, words]) =>
    el("button", { type: "button", text: words, on: { click: () => make(suffix, false) } }));
  const mark = el("input", { type: "text", placeholder: "mark", maxLength: 80, "aria-label": "Mark the bar", on: { change: () => setMark() } });
  const recall = el("button", { type: "button", class: "leads", text: "Its levels", title: "genre, levels and tempo as they were in that bar", on: { click: () => recallLevels() } });
  const drag = el("a", { class: "drag", text: "⠿ .mid", title: "drag the bars to another program", draggable: true, on: { dragstart: (event) =>
    event.dataTransfer.setData("DownloadURL", `audio/midi:${drag.download}:${drag.href}`) } });
  const tools = el("div", { class: "group tools", hidden: true, role: "group", "aria-label": "The bars that are chosen" },
    hear, ...saves, drag, el("span", { class: "leads" }, mark), recall, links);
  element.append(el("h2", { text: "History" }), el("div", { class: "group" }, performances, older, newest), ribbon, tools, player, said);

  async function look() {
    if (document.hidden || !lanes.length) return;
    const to = follows ? "" : `&to=${[...bars.keys()].at(-1) ?? SHOWN}`;
    const from = follows ? Math.max(1, count - SHOWN + 1) : [...bars.keys()][0] ?? 1;
    await load(`from=${from}${to}`);
  }

  async function back() {
    follows = false;
    const to = Math.max(SHOWN, ([...bars.keys()][0] ?? 1) - 1);
    await load(`from=${Math.max(1, to - SHOWN + 1)}&to=${to}`);
  }

  async function load(range) {
    try {
      const told = await asked(`/history?${range}${name ? `&log=${encodeURIComponent(name)}` : ""}`);
      const moved = follows && told.count > count + 1;
      count = told.count;
      bars = new Map(told.bars.slice(-SHOWN).map((bar) => [bar.number, bar]));
      draw();
      if (moved) await look();
    } catch (error) {
      say(said, error.message);
    }
  }

  function draw() {
    const colours = coloursOf(element);
    const there = new Map([...ribbon.children].map((it) => [Number(it.dataset.bar), it]));
    for (const [number, it] of there) if (!bars.has(number)) it.remove();
    for (const [number, bar] of bars) {
      let it = there.get(number);
      if (!it) {
        it = el("div", { class: "bar", role: "option", data: { bar: number } }, el("canvas", { "aria-hidden": "true" }), el("span", { text: number }));
        const after = [...ribbon.children].find((other) => Number(other.dataset.bar) > number);
        ribbon.insertBefore(it, after ?? null);
        drawBar(it.firstChild, bar, lanes, colours);
      }
      it.classList.toggle("marked", Boolean(bar.mark));
      it.ariaLabel = [`bar ${number}`, `${bar.hits.length} hits`, bar.mark].filter(Boolean).join(", ");
      it.title = bar.mark ?? "";
    }
    if (follows && scrolls) ribbon.scrollLeft = ribbon.scrollWidth;
    choose(first, last);
  }

  /** Whoever wants to know hears of the bar that is chosen, else of the last one. */
  function show() {
    const bar = bars.get(first) ?? [...bars.values()].at(-1);
    if (bar) element.dispatchEvent(new CustomEvent("bar", { detail: { ...bar, chosen: first > 0, now: name === null } }));
  }

  function choose(from, to) {
    [first, last] = from <= to ? [from, to] : [to, from];
    for (const it of ribbon.children) {
      const chosen = Number(it.dataset.bar) >= first && Number(it.dataset.bar) <= last && first > 0;
      it.ariaSelected = String(chosen);
    }
    tools.hidden = !first;
    show();
    if (!first) return;
    drag.href = `/bars/${first}-${last}.mid${name ? `?log=${encodeURIComponent(name)}` : ""}`;
    drag.download = `bars ${first}-${last}.mid`;
    mark.value = bars.get(first)?.mark ?? "";
    recall.hidden = !bars.has(first) || !net.greeting;
  }

  let dragged = 0;
  const barOf = (event) => Number(document.elementFromPoint(event.clientX, event.clientY)?.closest(".bar")?.dataset.bar ?? 0);
  ribbon.addEventListener("pointerdown", (event) => {
    dragged = barOf(event);
    if (!dragged) return;
    scrolls = false;
    choose(event.shiftKey && first ? first : dragged, dragged);
  });
  ribbon.addEventListener("pointermove", (event) => {
    if (dragged && event.pointerType === "mouse" && barOf(event)) choose(dragged, barOf(event));
  });
  addEventListener("pointerup", () => (dragged = 0));
  ribbon.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    scrolls = false;
    const to = Math.min(count, Math.max(1, (last || count) + by));
    choose(event.shiftKey && first ? first : to, to);
    ribbon.querySelector(`[data-bar="${to}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  async function make(suffix, listens) {
    const [from, to] = [first, last];
    say(said, `bars ${from} to ${to} …`);
    try {
      const job = await new Making().begin({ from, to, as: suffix, ...(name ? { log: name } : {}) });
      say(said, "");
      const file = `bars ${from}-${to}.${suffix}`;
      const link = el("a", { href: job.link, download: `${job.name}.${suffix}`, text: file, draggable: true });
      link.addEventListener("dragstart", (event) =>
        event.dataTransfer.setData("DownloadURL", `application/octet-stream:${file}:${new URL(job.link, location)}`));
      links.replaceChildren(...[...links.children].slice(-2), link);
      if (listens) {
        player.src = job.link;
        player.hidden = false;
        await player.play().catch(() => {}); // a browser may want another touch first
      } else link.click();
    } catch (error) {
      say(said, error.message);
    }
  }

  async function setMark() {
    try {
      await asked("/marks", { bar: first, words: mark.value, ...(name ? { log: name } : {}) });
      await look();
    } catch (error) {
      say(said, error.message);
    }
  }

  function recallLevels() {
    const bar = bars.get(first);
    const seen = name === null ? levels.get(first) : undefined; // a section has moved levels that no log has
    for (const request of seen ?? asksFor(Object.entries(bar.levels))) net.send(request);
    if (bar.tempo_bpm && ownClock) net.send({ set: "tempo", value: bar.tempo_bpm });
  }

  async function another(chosen) {
    name = chosen && chosen !== performances.dataset.now ? chosen : null;
    bars.clear();
    ribbon.replaceChildren();
    [count, follows, scrolls] = [0, true, true];
    choose(0, 0);
    await load("from=1");
  }

  async function list() {
    const { names, now } = await asked("/performances");
    performances.dataset.now = now ?? "";
    performances.replaceChildren(...names.map((it) => el("option", { value: it, text: it === now ? `${it} (now)` : it })));
    if (!plays && names.length) await another(names[0]);
  }

  /** What is asked for that levels, by name, are as they were: genre, the one it morphs to, and each. */
  function asksFor(then) {
    const [[genre], [towards, share] = []] = then.find(([it]) => it === "genre")?.[1] ?? [[]];
    const chosen = (choose, named) => ({ choose, index: net.greeting.genres.indexOf(named) });
    const known = new Set(net.greeting.levels.filter((it) => it.curve !== "choice").map((it) => it.name));
    return [
      chosen("genre", genre),
      ...(share ? [chosen("towards", towards), { set: "morph", value: share }] : []),
      ...then.filter(([it]) => known.has(it)).map(([set, value]) => ({ set, value })),
    ].filter((it) => it.index !== -1);
  }

  net.on("snapshot", ({ levels: now, status }) => {
    ownClock = status?.clock === "internal";
    if (!status || status.transport !== "rolling") return;
    levels.set(count + 1, asksFor(now));
    levels.delete(count - 4000);
  });
  net.on("greeting", ({ lanes: named }) => (lanes = named.map((lane) => lane.name)));
  lanes = ["kick", "snare", "closed-hat", "open-hat", "low-tom", "mid-tom", "high-tom", "crash", "ride"];
  list().catch((error) => say(said, error.message));
  if (plays) setInterval(() => follows && look(), LOOK_MS);
}
