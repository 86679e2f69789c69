// Elements, made and found with few words.

/**
 * An element with its properties and children. `class`, `text`, `data` and `on` mean what they say;
 * any other name that the element has no property for becomes an attribute.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") for (const [kind, hear] of Object.entries(value)) element.addEventListener(kind, hear);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Set a text only where it is another: what has not changed is not read out again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A slider that shows how far it is moved. `input` is called with its value, as a number. */
export function slider(properties, input = () => {}) {
  const element = el("input", { type: "range", ...properties });
  const show = () => element.style.setProperty("--travel", `${(100 * (element.value - element.min)) / (element.max - element.min)}%`);
  element.addEventListener("input", () => {
    show();
    input(Number(element.value));
  });
  show();
  return element;
}

/** Call at most `perSecond` times a second, and always with the last value. */
export function paced(perSecond, call) {
  let timer = 0;
  let waiting = null;
  const send = () => {
    timer = 0;
    if (waiting === null) return;
    const value = waiting;
    waiting = null;
    timer = setTimeout(send, 1000 / perSecond);
    call(value);
  };
  return (value) => {
    waiting = value;
    if (!timer) send();
  };
}

/** A list whose buttons are made anew only when its names have changed. */
export function renewed(element, names, make) {
  const key = names.join("\n");
  if (element.dataset.names === key) return;
  element.dataset.names = key;
  element.replaceChildren(...names.map(make));
}
