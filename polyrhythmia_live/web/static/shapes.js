// How a hit is drawn: a shape of its own for each way to strike that is not the plain one.

import { el } from "./dom.js";

/** By the articulation's name; each fills a box whose middle is at 0, 0. */
const SHAPES = {
  rimshot(pen, width, height) {
    pen.roundRect(-width / 2, -height / 2, width, height, 3);
    pen.stroke();
    pen.beginPath();
    pen.rect(-width / 2, -1.5, width, 3);
    pen.fill();
  },
  "cross-stick"(pen, width, height) {
    const [x, y] = [width / 2, Math.min(height / 2, width)];
    pen.moveTo(-x, -y);
    pen.lineTo(x, y);
    pen.moveTo(x, -y);
    pen.lineTo(-x, y);
    pen.stroke();
  },
  "pedal-hat"(pen, width, height) {
    pen.moveTo(-width / 2, -height / 4);
    pen.lineTo(width / 2, -height / 4);
    pen.lineTo(0, height / 2);
    pen.closePath();
    pen.fill();
  },
  "open-hat"(pen, width, height) {
    pen.ellipse(0, 0, width / 2, height / 2, 0, 0, 2 * Math.PI);
    pen.stroke();
  },
  "ride-bell"(pen, width, height) {
    pen.moveTo(0, -height / 2);
    pen.lineTo(width / 2, 0);
    pen.lineTo(0, height / 2);
    pen.lineTo(-width / 2, 0);
    pen.closePath();
    pen.fill();
  },
};

/** Draw a hit in the pen's own colour. */
export function drawHit(pen, articulation, x, y, width, height) {
  pen.save();
  pen.translate(x, y);
  pen.lineWidth = 2;
  pen.beginPath();
  const shape = SHAPES[articulation];
  if (shape) shape(pen, width, height);
  else {
    pen.roundRect(-width / 2, -height / 2, width, height, 3);
    pen.fill();
  }
  pen.restore();
}

/** What the shapes mean, for the lanes that there are, and what else the grid shows. */
export function legend(lanes) {
  const named = lanes.flatMap((lane) => lane.articulations).filter((name) => name in SHAPES);
  return el("ul", { class: "legend", "aria-label": "Signs" },
    ...named.map((name) => el("li", {}, el("canvas", { width: 28, height: 36, "aria-hidden": "true", data: { sign: name } }), name.replaceAll("-", " "))),
    el("li", {}, el("i", { class: "sure-sign", "aria-hidden": "true" }), "how sure of a step"));
}

/** The signs in a colour of the theme. */
export function drawLegend(element, colour) {
  for (const canvas of element.querySelectorAll("canvas")) {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = pen.strokeStyle = colour;
    drawHit(pen, canvas.dataset.sign, canvas.width / 2, canvas.height / 2, 18, 26);
  }
}
