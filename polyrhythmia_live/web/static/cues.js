// What is asked for once: fills, breaks, sections, half time ... each trigger of the table a button.

import { el, renewed, say } from "./dom.js";

const GROUPS = {
  Cues: ["fill", "break", "drop", "intro", "rise", "crash", "outro", "end on one"],
  Sections: ["previous", "next", "vamp", "now"],
  Time: ["half time", "double time", "ritardando", "accelerando", "pull", "push", "untap", "start", "stop", "continue"],
};
/** Triggers that are elsewhere on the page. */
const ELSEWHERE = ["play/stop", "tap", "panic", "mute", "unmute", "solo", "lock", "unlock", "regenerate"];
/** Cues that are taken back by their own name; and those that `go on` takes back. */
const BY_NAME = ["fill", "break", "drop", "intro", "crash", "rise"];
const COME_AGAIN = ["again", "back", "keep"];
const MEMORY = ["again", "back", "keep", "go on", "fork", "veto", "undo", "remember", "recall", "forget", "section", "song"];

/** A button for a trigger; one that can be held is let go with the finger. */
export function trigger(row, net) {
  const ask = (more = {}) => net.send({ fire: row.name, ...more });
  const button = el("button", { type: "button", class: "trigger", text: row.name, title: `${row.takes_effect}; ${row.about}` });
  if (!row.held) {
    button.addEventListener("click", () => ask());
    return button;
  }
  const letGo = () => {
    if (button.classList.contains("held")) ask({ press: "up" });
    button.classList.remove("held");
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    button.classList.add("held");
    ask({ press: "down" });
  });
  for (const kind of ["pointerup", "pointercancel", "blur"]) button.addEventListener(kind, letGo);
  button.addEventListener("click", (event) => event.detail === 0 && ask()); // by no pointer: a key
  return button;
}

/** What takes a cue back; null where nothing does. */
function takenBack(name) {
  const [first] = name.split(" ");
  if (BY_NAME.includes(name)) return { fire: "undo", word: name };
  return COME_AGAIN.includes(first) ? { fire: "go on" } : null;
}

export function mount(element, net, song) {
  const groups = el("div", { class: "groups" });
  const queued = el("ul", { class: "queued", "aria-label": "What is to come" });
  const count = el("input", { type: "number", min: 1, max: 64, inputMode: "numeric", "aria-label": "For so many bars", placeholder: "bars" });
  const section = el("output", { class: "section" });
  const songs = el("div", { class: "group songs", role: "group", "aria-label": "Songs" });
  const sections = el("div", { class: "group songs", role: "group", "aria-label": "Sections by name" });
  element.append(el("h2", { text: "Lead" }), section, queued, songs, sections, groups);

  /** A cue with its place, as the terminal says it, and the way to take it back. */
  function waiting({ name, first, end }) {
    const sounds = first <= song.step;
    const place = sounds ? (end === null ? "" : ` to ${song.placeOf(end)}`) : ` at ${song.placeOf(first)}`;
    const request = takenBack(name);
    return el("li", { text: name + place }, ...(request && net.role !== "look"
      ? [el("button", { type: "button", class: "quiet", text: "×", "aria-label": `take back ${name}`, on: { click: () => net.send(request) } })]
      : []));
  }

  function showSongs(now) {
    const all = net.greeting?.songs ?? [];
    const current = all.find((it) => it.name === now?.song) ?? all[0];
    renewed(songs, all.length > 1 ? all.map((it) => it.name) : [], (name) =>
      el("button", { type: "button", text: name, on: { click: () => net.send({ fire: "song", word: name }) } }));
    renewed(sections, current?.sections ?? [], (name) =>
      el("button", { type: "button", text: name, "aria-label": `section ${name}`, on: { click: () => net.send({ fire: "section", word: name }) } }));
    for (const [group, named] of [[songs, now?.song], [sections, now?.name]])
      for (const button of group.children) button.ariaPressed = String(button.textContent === named);
  }

  net.on("greeting", ({ triggers }) => {
    const rows = new Map(triggers.map((row) => [row.name, row]));
    const known = new Set([...Object.values(GROUPS).flat(), ...ELSEWHERE, ...MEMORY]);
    const others = triggers.map((row) => row.name).filter((name) => !known.has(name) && rows.get(name).bare); // others are said in words
    const all = { ...GROUPS, ...(others.length ? { More: others } : {}) };
    groups.replaceChildren(...Object.entries(all).map(([title, names]) =>
      el("div", { class: "group", role: "group", "aria-label": title },
        el("h3", { text: title }),
        ...names.filter((name) => rows.has(name)).map((name) => {
          const row = rows.get(name);
          if (row.word !== "count") return trigger(row, net);
          const button = el("button", { type: "button", class: "trigger", text: name, title: `${row.takes_effect}; ${row.about}` });
          button.addEventListener("click", () => {
            net.send({ fire: name, ...(count.value ? { word: String(Number(count.value)) } : {}) });
            count.value = "";
          });
          return button;
        }),
        ...(title === "Cues" ? [count] : []))));
  });
  net.on("snapshot", (snapshot) => {
    say(section, snapshot.words.section ?? "");
    const names = snapshot.cues.map((cue) => cue.name);
    const items = snapshot.cues.map(waiting);
    if (snapshot.turn && snapshot.turn.line > song.step) {
      const genre = snapshot.levels.find(([name]) => name === "genre")?.[1][0]?.[0];
      items.push(el("li", { text: `${genre} at ${song.placeOf(snapshot.turn.line)}` }));
    }
    renewed(queued, items.map((it) => it.textContent), (_, at) => items[at]);
    showSongs(snapshot.section);
    for (const button of groups.querySelectorAll(".trigger"))
      button.classList.toggle("asked", names.some((name) => name === button.textContent || name.startsWith(`${button.textContent} `)));
  });
}
