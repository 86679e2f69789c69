// The head of the page: play and stop, place, tempo, genre, and what the drummer has to say.

import { el, renewed, say } from "./dom.js";

export function mount(element, net, song) {
  const fire = (name) => net.send({ fire: name });
  const play = el("button", { type: "button", class: "play leads", "aria-label": "Play or stop", on: { click: () => fire("play/stop") } });
  const place = el("output", { class: "place", "aria-label": "Bar and beat" });
  const tempo = el("output", { class: "tempo", "aria-label": "Tempo" });
  const nudge = (presses, text, label) =>
    el("button", { type: "button", class: "leads", text, "aria-label": label, on: { click: () => net.send({ nudge: "tempo", presses }) } });
  const tap = el("button", { type: "button", class: "tap leads", text: "Tap", on: { pointerdown: () => fire("tap"), click: (event) => event.detail === 0 && fire("tap") } }); // 0: by no pointer
  const genre = el("select", { class: "leads", "aria-label": "Genre", on: { change: () => net.send({ choose: "genre", index: genre.selectedIndex }) } });
  const genreSaid = el("output", { class: "looks", "aria-label": "Genre" });
  const clock = el("output", { class: "clock", "aria-label": "Clock" });
  const panic = el("button", { type: "button", class: "panic leads", text: "Panic", title: "ends every note; the groove goes on", on: { click: () => fire("panic") } });
  const news = el("p", { class: "news", role: "status", "aria-live": "polite" });
  const lost = el("p", { class: "lost-line", role: "alert" });
  element.append(
    el("div", { class: "row" }, play, place,
      el("div", { class: "pair" }, nudge(-1, "−", "Slower"), tempo, nudge(1, "+", "Faster"), tap),
      genre, genreSaid, clock, panic),
    news, lost);

  net.on("greeting", ({ genres }) =>
    renewed(genre, genres, (name) => el("option", { text: name, value: name })));
  net.on("connected", (there) => say(lost, there ? "" : "The connection is lost. The drummer plays on; trying again …"));
  net.on("snapshot", ({ status, words, levels }) => {
    const rolls = song.rolls;
    say(play, rolls ? "■" : "▶");
    play.ariaPressed = String(rolls);
    say(tempo, words.tempo ?? "");
    say(genreSaid, words.genre ?? "");
    say(clock, words.clock ?? "");
    say(news, words.news);
    news.classList.toggle("trouble", !status || status.rung > 0);
    const sounding = levels.find(([name]) => name === "genre")?.[1][0]?.[0];
    if (document.activeElement !== genre && sounding) genre.value = sounding;
  });
  const tick = () => {
    requestAnimationFrame(tick);
    if (!song.meters || !song.snapshot) return;
    say(place, song.placeOf(Math.max(0, song.step)));
  };
  tick();
}
