// Starts the page: one connection, one song, and each part in its own element.

import { asked } from "./bars.js";
import { mount as mountCues } from "./cues.js";
import { el } from "./dom.js";
import { mount as mountFigures } from "./figures.js";
import { Grid } from "./grid.js";
import { mount as mountHealth } from "./health.js";
import { mount as mountHistory } from "./history.js";
import { described, listen } from "./keys.js";
import { mount as mountLanes } from "./lanes.js";
import { mount as mountLevels } from "./levels.js";
import { mount as mountLoops } from "./loops.js";
import { mount as mountMemory } from "./memory.js";
import { connect } from "./net.js";
import { mount as mountSound } from "./sound.js";
import { Rings } from "./rings.js";
import { Song } from "./song.js";
import { mount as mountTransport } from "./transport.js";
import { mount as mountWords } from "./words.js";

const at = (id) => document.getElementById(id);

const about = await asked("/about");
document.body.classList.toggle("studio", !about.plays);
const net = connect(about.plays);
const song = new Song(net);
net.on("connected", (there) => document.body.classList.toggle("lost", !there));
net.on("role", (role) => (document.body.dataset.role = role));
net.want({ subscribe: true });
globalThis.polyrhythmia = { net, song }; // for the console, and for tests

mountTransport(at("transport"), net, song);
const grid = new Grid(at("grid-picture"), net, song);
new Rings(at("rings"), net, song);
mountLanes(at("grid-picture"), net, song);
mountLevels(at("levels"), net, song);
mountCues(at("cues"), net, song);
mountMemory(at("memory"), net, song);
mountSound(at("sound"), net);
mountHealth(at("health"), net, song);
const prompt = mountWords(at("words-line"), net);

const help = at("help");
listen(net, prompt, () => help.showModal());
net.on("greeting", (greeting) =>
  at("help-keys").replaceChildren(...described(greeting).map(([key, name]) =>
    el("div", {}, el("dt", {}, el("kbd", { text: key })), el("dd", { text: name })))));
at("help-open").addEventListener("click", () => help.showModal());
at("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const light = getComputedStyle(root).colorScheme === "light";
  root.dataset.theme = light ? "dark" : "light";
  localStorage.setItem("theme", root.dataset.theme);
  grid.restyle();
});
const theme = localStorage.getItem("theme");
if (theme) {
  document.documentElement.dataset.theme = theme;
  grid.restyle();
}
mountHistory(at("history"), net, about);
mountLoops(at("loops"), net, about);
mountFigures(at("figures"), net, about, at("history"));
