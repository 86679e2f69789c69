// Where the song is: ticks, steps, bars. The same arithmetic as rhythm/timeline.py and meter_map.py.

export const PPQN = 6720;
export const STEP_TICKS = PPQN / 4;

/** The tick at a moment of the server's clock, whole and fraction. */
export function tickAt(timeline, seconds) {
  const tickSeconds = (timeline.stretch * 60) / (timeline.tempo_bpm * PPQN);
  return timeline.tick_origin + (seconds - timeline.time_origin_seconds) / tickSeconds;
}

/** The moment of a tick on the server's clock, in seconds. */
export function timeAt(timeline, tick) {
  const tickSeconds = (timeline.stretch * 60) / (timeline.tempo_bpm * PPQN);
  return timeline.time_origin_seconds + (tick - timeline.tick_origin) * tickSeconds;
}

/** Bars of a map of meters, as the greeting has it: `changes` are [bar, meter]. */
export class Meters {
  #spans; // of one meter each: its first step, first bar, and the steps of a bar

  constructor({ changes }) {
    let step = 0;
    this.#spans = changes.map(([bar, meter], index) => {
      const noteSteps = 16 / meter.denominator;
      if (index) step += (bar - changes[index - 1][0]) * this.#barSteps(changes[index - 1][1]);
      const counts = [0];
      for (const group of meter.groups.slice(0, -1)) counts.push(counts.at(-1) + group * noteSteps);
      return { step, bar, steps: this.#barSteps(meter), counts, words: `${meter.numerator}/${meter.denominator}` };
    });
  }

  #barSteps(meter) {
    return (meter.numerator * 16) / meter.denominator;
  }

  /** The bar that holds a step: its number from 0, first step, length, and the steps of its counts. */
  barAt(step) {
    const span = this.#spans.findLast((it) => it.step <= step) ?? this.#spans[0];
    const number = span.bar + Math.floor((step - span.step) / span.steps);
    const first = span.step + (number - span.bar) * span.steps;
    return { number, first, steps: span.steps, counts: span.counts, words: span.words };
  }
}

/** What plays, as the latest snapshots tell: the place, and the steps that are known. */
export class Song {
  #steps = new Map();
  snapshot = null;
  told = 0; // how many snapshots have come: what is drawn of them is drawn anew with each
  meters = null;

  constructor(net) {
    this.net = net;
    net.on("greeting", (greeting) => {
      this.meters = new Meters(greeting.meters);
      this.#steps.clear();
    });
    net.on("snapshot", (snapshot) => this.#learn(snapshot));
  }

  #learn(snapshot) {
    this.snapshot = snapshot;
    this.told += 1;
    for (const { sounding, coming } of snapshot.outlooks)
      for (const step of [...sounding, ...coming]) this.#steps.set(step.index, step);
    const oldest = this.step - 128;
    for (const index of this.#steps.keys()) if (index < oldest || index > oldest + 512) this.#steps.delete(index);
  }

  get rolls() {
    return this.snapshot?.status?.transport === "rolling";
  }

  /** The tick that is heard now. */
  get tick() {
    const status = this.snapshot?.status;
    if (!status) return 0;
    if (!this.rolls) return status.tick;
    return tickAt(status.song, this.net.now() - this.net.heardDelaySeconds);
  }

  get step() {
    return Math.floor(this.tick / STEP_TICKS);
  }

  /** The hits of a step: [lane, velocity, microtiming_ticks, articulation, length_ticks]. */
  hits(index) {
    return this.#steps.get(index)?.hits ?? [];
  }
}
