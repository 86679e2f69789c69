// Where the song is: ticks, steps, bars. The same arithmetic as rhythm/timeline.py and meter_map.py.

/** The first voice: what plays the song. */
export const DRUMS = "drums";
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
  #steps = new Map(); // by voice, by the index in its own steps
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
    for (const { voice, sounding, coming } of snapshot.outlooks) {
      if (!this.#steps.has(voice)) this.#steps.set(voice, new Map());
      const steps = this.#steps.get(voice);
      const told = [...sounding, ...coming];
      for (const step of told) steps.set(step.index, step);
      const oldest = (told[0]?.index ?? 0) - 128;
      for (const index of steps.keys()) if (index < oldest || index > oldest + 512) steps.delete(index);
    }
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

  /** The tick that is heard now in a voice of a ratio to the song's beat. */
  tickOf(ratio) {
    return (this.tick * ratio.numerator) / ratio.denominator;
  }

  /** The bar.beat of a step, as the terminal says it. */
  placeOf(step) {
    const bar = this.meters.barAt(Math.max(0, step));
    return `${bar.number + 1}.${bar.counts.findLastIndex((count) => count <= step - bar.first) + 1}`;
  }

  /** The hits of a voice's step: [lane, velocity, microtiming_ticks, articulation, length_ticks]. */
  hits(index, voice = DRUMS) {
    return this.#steps.get(voice)?.get(index)?.hits ?? [];
  }

  /** How likely the drummer held each step of the bar that begins with one: by its place in the bar. */
  likelihoods(first) {
    const told = this.snapshot.outlooks.findLast((it) => it.voice === DRUMS && it.coming[0]?.index === first);
    return told?.likelihoods ?? [];
  }
}
