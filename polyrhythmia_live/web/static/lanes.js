// The names of the lanes beside the grid; one that is touched opens what can be done with it.

import { el, paced, renewed, say } from "./dom.js";
import { kindOf } from "./grid.js";

const words = (lane) => lane.replaceAll("-", " ");

export function mount(element, net, song) {
  const names = el("div", { class: "lane-names", role: "group", "aria-label": "Lanes" });
  const panel = el("div", { class: "lane-panel", hidden: true, role: "group" });
  element.before(names);
  element.parentElement.after(panel);
  let lanes = [];
  let chosen = null;

  const fire = (name) => net.send({ fire: name, word: chosen });
  const sendLevel = paced(30, (value) => net.send({ set: "level", value, lane: chosen }));
  const toggle = (name, text, about) =>
    el("button", { type: "button", class: "toggle", text, title: about, on: { click: () => fire(buttons[name].ariaPressed === "true" ? UNDO[name] : name) } });
  const UNDO = { mute: "mute", solo: "solo", lock: "unlock" };
  const buttons = {
    mute: toggle("mute", "Mute", "played on unheard"),
    solo: toggle("solo", "Solo", "only the lanes that are soloed are heard"),
    lock: toggle("lock", "Lock", "stays as it is; the rest is played to it"),
  };
  const anew = el("button", { type: "button", text: "Anew", title: "this lane is played anew, all others stay", on: { click: () => fire("regenerate") } });
  const level = el("input", { type: "range", min: 0, max: 2, step: 0.01, on: { input: () => sendLevel(Number(level.value)) } });
  const title = el("strong");
  const close = el("button", { type: "button", class: "quiet", text: "×", "aria-label": "Close", on: { click: () => choose(chosen) } });
  panel.append(title, ...Object.values(buttons), anew, el("label", { class: "lane-level" }, "Level ", level), close);

  function choose(lane) {
    chosen = chosen === lane || net.role === "look" ? null : lane;
    panel.hidden = chosen === null;
    if (chosen) panel.setAttribute("aria-label", words(chosen));
    title.textContent = chosen ? words(chosen) : "";
    title.className = chosen ? `of-${kindOf(chosen)}` : "";
    level.setAttribute("aria-label", chosen ? `Level of ${words(chosen)}` : "Level");
    show();
  }

  function show() {
    const { snapshot } = song;
    const mix = snapshot?.status?.mix;
    for (const button of names.children) {
      const lane = button.dataset.lane;
      const signs = [];
      if (mix?.silent || mix?.muted.includes(lane)) signs.push("M");
      if (mix?.soloed.includes(lane)) signs.push("S");
      if (snapshot?.locked.includes(lane)) signs.push("L");
      say(button.lastChild, signs.join(""));
      button.classList.toggle("muted", signs.includes("M"));
      button.ariaExpanded = String(chosen === lane);
      const states = { M: "muted", S: "solo", L: "locked" };
      button.ariaLabel = [words(lane), ...signs.map((sign) => states[sign])].join(", ");
    }
    if (!chosen || !mix) return;
    buttons.mute.ariaPressed = String(mix.muted.includes(chosen));
    buttons.solo.ariaPressed = String(mix.soloed.includes(chosen));
    buttons.lock.ariaPressed = String(snapshot.locked.includes(chosen));
    const its = mix.lane_levels.find(([lane]) => lane === chosen)?.[1] ?? 1;
    if (document.activeElement !== level) level.value = its;
  }

  net.on("greeting", (greeting) => {
    lanes = greeting.lanes.map((lane) => lane.name).reverse();
    renewed(names, lanes, (lane) =>
      el("button", { type: "button", class: `lane of-${kindOf(lane)}`, data: { lane }, on: { click: () => choose(lane) } },
        el("span", { text: words(lane) }), el("b")));
  });
  net.on("snapshot", show);
}
