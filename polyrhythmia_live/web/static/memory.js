// What was just played, and what is to be played again: bars, grooves by name, and undo.

import { el, renewed } from "./dom.js";
import { trigger } from "./cues.js";

const PLAIN = ["again", "keep", "go on", "fork", "veto", "undo"];

export function mount(element, net) {
  const buttons = el("div", { class: "group", role: "group", "aria-label": "Bars" });
  const name = el("input", { type: "text", placeholder: "verse", maxLength: 40, autocomplete: "off", "aria-label": "Name of the groove" });
  const form = el("form", { class: "remember", on: { submit: (event) => {
    event.preventDefault();
    net.send({ fire: "remember", ...(name.value ? { word: name.value } : {}) });
    name.value = "";
  } } }, name, el("button", { type: "submit", text: "remember" }));
  const grooves = el("div", { class: "grooves", role: "group", "aria-label": "Grooves" });
  element.append(el("h2", { text: "Memory" }), buttons, form, grooves);

  net.on("greeting", ({ triggers }) => {
    const back = triggers.find((row) => row.name === "back");
    const bars = el("select", { "aria-label": "Back by so many bars", title: `${back.takes_effect}; ${back.about}`, on: { change: () => {
      net.send({ fire: "back", word: bars.value });
      bars.value = "";
    } } }, el("option", { value: "", text: "back …" }),
      ...Array.from({ length: back.most }, (_, at) => el("option", { value: String(at + 1), text: `back ${at + 1}` })));
    buttons.replaceChildren(...triggers.filter((row) => PLAIN.includes(row.name)).map((row) => trigger(row, net)), bars);
  });
  net.on("snapshot", ({ remembered }) =>
    renewed(grooves, remembered, (groove) =>
      el("span", { class: "groove" },
        el("button", { type: "button", text: groove, "aria-label": `recall ${groove}`, on: { click: () => net.send({ fire: "recall", word: groove }) } }),
        el("button", { type: "button", class: "quiet", text: "×", "aria-label": `forget ${groove}`, on: { click: () => net.send({ fire: "forget", word: groove }) } }))));
}
