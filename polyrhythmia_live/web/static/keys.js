// The keys of the terminal, on the page: the table says which; none while something is typed.

const NAMED = {
  " ": "space", ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right",
  PageUp: "page up", PageDown: "page down", Home: "home", End: "end", Tab: "tab",
};
const OWN = ["TEXTAREA", "SELECT", "INPUT"];
const SLIDERS_OWN = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", "Delete"];

export function listen(net, prompt, help) {
  const asked = new Map();
  net.on("greeting", ({ levels, triggers }) => {
    asked.clear();
    for (const { name, keys, entry_keys } of levels) {
      keys.forEach((key, at) => asked.set(key, { nudge: name, presses: at % 2 ? -1 : 1 }));
      [...entry_keys].forEach((key, index) => asked.set(key, { choose: name, index }));
    }
    for (const { name, keys } of triggers) for (const key of keys) asked.set(key, { fire: name });
    asked.delete("tab"); // a page without a mouse is walked with it
  });
  document.addEventListener("keydown", (event) => {
    const { tagName } = event.target;
    const isSlider = event.target.type === "range";
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (isSlider ? SLIDERS_OWN.includes(event.key) : OWN.includes(tagName)) return;
    if (event.key === ":") prompt.focus();
    else if (event.key === "?") help();
    else {
      const key = NAMED[event.key] ?? event.key;
      const presses = tagName === "BUTTON" || tagName === "SUMMARY";
      if (!asked.has(key) || net.role !== "lead" || !net.connected || (presses && key === "space")) return;
      net.send(asked.get(key));
    }
    event.preventDefault();
  });
}

/** Rows for the help: the key, and what it does. */
export function described({ levels, triggers }) {
  const rows = [[":", "in words"], ["?", "this help"]];
  for (const { name, keys, entry_keys } of levels) {
    if (keys.length) rows.push([keys.slice(0, 2).reverse().join(" "), name]);
    if (entry_keys) rows.push([`${entry_keys[0]}-${entry_keys.at(-1)}`, name]);
  }
  for (const { name, keys } of triggers) if (keys.length && keys[0] !== "tab") rows.push([keys[0], name]);
  return rows;
}
