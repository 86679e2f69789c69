// The prompt of the terminal on the page, and the answers to it.

import { el, say } from "./dom.js";

export function mount(element, net) {
  const typed = el("input", { type: "text", class: "prompt", placeholder: "tempo 120 -> 140 over 8 bars", maxLength: 400, autocomplete: "off", autocapitalize: "off", spellcheck: false, "aria-label": "In words" });
  const answer = el("output", { class: "answer", "aria-live": "polite" });
  element.append(el("form", { class: "words", on: { submit: async (event) => {
    event.preventDefault();
    try {
      say(answer, (await net.ask({ say: typed.value })).answer);
      typed.value = "";
    } catch (error) {
      say(answer, error.message);
    }
  } } }, el("label", { class: "colon", htmlFor: "words", text: ":" }), typed, el("button", { type: "submit", text: "Go" })), answer);
  typed.id = "words";
  return typed;
}
