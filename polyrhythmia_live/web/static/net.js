// The connection to the desk: found again by itself, and a clock that agrees with the server's.

const PING_MS = 2000;
const EARLY_PING_MS = 150;
const EARLY_PINGS = 8;
const KEPT_PINGS = 16;
const RETRY_MS = [200, 500, 1000, 2000];
const ANSWER_MS = 3000;

/** The offset between two clocks, from round trips: the quickest of the last ones is believed. */
export class ClockOffset {
  #trips = [];
  #offset = null;

  /** A trip that left and came back at these seconds here, and met `theirs` there. */
  learn(left, back, theirs) {
    this.#trips.push({ seconds: back - left, offset: theirs - (left + back) / 2 });
    if (this.#trips.length > KEPT_PINGS) this.#trips.shift();
    const quickest = this.#trips.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    this.#offset = quickest.offset;
  }

  forget() {
    this.#trips = [];
  }

  get known() {
    return this.#offset !== null;
  }

  /** How long the quickest of the last trips took, in seconds. */
  get tripSeconds() {
    return this.#trips.length ? Math.min(...this.#trips.map((trip) => trip.seconds)) : Infinity;
  }

  /** Their time at a time here, in seconds. */
  theirs(seconds) {
    return seconds + (this.#offset ?? 0);
  }

  /** The time here at one of theirs, in seconds. */
  here(seconds) {
    return seconds - (this.#offset ?? 0);
  }
}

/** This page's monotonic clock, in seconds. */
export const hereSeconds = () => performance.now() / 1000;

/**
 * Open the connection. `on(kind, listener)` hears of every message that has a field of that name
 * (`snapshot`, `answer`, `error`, `step`, `applied`, `moved`, `timeline`, `sounds`, `role`, ...),
 * of `greeting`, and of `connected` (true or false). `send` asks, `ask` waits for the answer.
 * Where nothing `plays`, there is nothing to be connected to.
 */
export function connect(plays) {
  const listeners = new Map();
  const waiting = new Map();
  const clock = new ClockOffset();
  const wanted = new Map(); // what is asked for again after each connection
  let socket = null;
  let tries = 0;
  let lastId = 0;
  let pings = 0;

  const tell = (kind, ...what) => {
    for (const listener of listeners.get(kind) ?? []) listener(...what);
  };

  const net = {
    connected: false,
    role: null,
    greeting: null,
    clock,
    /** How much later than the server the page sounds; what it shows is as late. Set by sound.js. */
    heardDelaySeconds: 0,
    on(kind, listener) {
      if (!listeners.has(kind)) listeners.set(kind, []);
      listeners.get(kind).push(listener);
      return net;
    },
    send(request) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
    },
    /** Ask for something now, and again each time that the connection is new. */
    want(request) {
      wanted.set(Object.keys(request)[0], request);
      net.send(request);
    },
    ask(request) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const patience = setTimeout(() => {
          waiting.delete(id);
          reject(new Error("no answer: is something starting again?"));
        }, ANSWER_MS);
        waiting.set(id, { resolve, reject, patience });
        net.send({ id, ...request });
      });
    },
    /** The server's monotonic clock, in seconds. */
    now: () => clock.theirs(hereSeconds()),
  };

  function hear(message) {
    if ("polyrhythmia" in message) {
      net.greeting = message;
      tell("greeting", message);
    } else if ("pong" in message) {
      clock.learn(message.pong, hereSeconds(), message.seconds);
    } else {
      settle(message);
      for (const kind of Object.keys(message)) tell(kind, message[kind], message);
    }
    if ("role" in message) {
      net.role = message.role;
      net.connected = true;
      tell("connected", true);
      for (const request of wanted.values()) net.send(request);
    }
  }

  function settle(message) {
    const asked = waiting.get(message.id);
    if (asked === undefined) return;
    waiting.delete(message.id);
    clearTimeout(asked.patience);
    if ("error" in message) asked.reject(new Error(message.error));
    else asked.resolve(message);
  }

  function ping() {
    net.send({ ping: hereSeconds() });
    pings += 1;
    setTimeout(ping, pings < EARLY_PINGS ? EARLY_PING_MS : PING_MS);
  }

  function lost() {
    if (net.connected) {
      net.connected = false;
      tell("connected", false);
    }
    for (const { reject, patience } of waiting.values()) {
      clearTimeout(patience);
      reject(new Error("the connection is lost"));
    }
    waiting.clear();
    clock.forget(); // another server has another clock
    setTimeout(open, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
    tries += 1;
  }

  function open() {
    socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => {
      tries = 0;
      pings = 0;
    };
    socket.onmessage = (event) => hear(JSON.parse(event.data));
    socket.onclose = lost;
  }

  if (plays) {
    open();
    ping();
  }
  return net;
}
