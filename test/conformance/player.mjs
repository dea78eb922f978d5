/**
 * Plays the script to a library, in any runtime: knows nothing but JavaScript. Numbers are compared bit by bit.
 */

/** Fields of an event, in the order in which the script has them; an event has no others. */
export const EVENT_FIELDS = [
  "kind",
  "from",
  "to",
  "cause",
  "mode",
  "atMs",
  "generation",
  "calls",
  "failures",
  "slow",
  "successRate",
  "level",
  "delayMs",
  "retryAtMs",
];
const KINDS = ["opened", "closed", "half_opened", "enabled", "disabled", "shadowed", "reset"];
/** More differences than this say nothing more. */
const MOST = 20;

/** The script out of its text. */
export function read(text) {
  return JSON.parse(text, (_, value) =>
    typeof value === "object" && value !== null && typeof value.f64 === "string"
      ? numberOf(value.f64)
      : value,
  );
}

/**
 * Plays all cases. `createRegistry(options)` makes a registry of the library. Returns where they differ, as sentences;
 * and how many steps were played, so that nobody takes an empty script for a good one.
 */
export function play(script, createRegistry) {
  const differences = [];
  let steps = 0;
  for (const one of script.cases) {
    const scene = new Scene(one, createRegistry);
    for (const [index, step] of one.steps.entries()) {
      const found = attempt(scene, step);
      steps++;
      for (const difference of found)
        differences.push(`case ${one.from}, step ${index}, ${step.do}: ${difference}`);
      if (differences.length >= MOST) return { steps, differences };
    }
    scene.end();
  }
  return { steps, differences };
}

/** The bytes of all exports in the script, in hexadecimal, as the library gives them. */
export function exportsOf(script, createRegistry) {
  return script.cases.flatMap((one) => {
    const scene = new Scene(one, createRegistry);
    for (const step of one.steps) scene.play(step);
    return scene.exports;
  });
}

function attempt(scene, step) {
  try {
    return scene.play(step);
  } catch (error) {
    return [`threw ${error?.stack ?? error}`];
  }
}

/** One case being played. */
class Scene {
  #createRegistry;
  #names;
  #registry;
  #breakers;
  #shown;
  #heard = new Map();
  #clockMs;
  /** Of all moves so far, in hexadecimal. */
  exports = [];

  constructor({ seed, startMs, breakers }, createRegistry) {
    this.#createRegistry = createRegistry;
    this.#clockMs = startMs;
    this.#names = breakers.map(({ name }) => name);
    this.#shown = breakers.map(({ name }) => ({ endpoint: name }));
    this.#registry = this.#found(seed);
    this.#breakers = breakers.map(({ name, options }) => this.#registry.get(name, options));
  }

  end() {
    this.#registry.detach?.();
  }

  #found(seed) {
    const registry = this.#createRegistry({ seed, clock: () => this.#clockMs });
    for (const kind of KINDS) registry.on(kind, (event) => this.#hear(event));
    return registry;
  }

  #hear(event) {
    if (!this.#heard.has(event.endpoint)) this.#heard.set(event.endpoint, []);
    this.#heard.get(event.endpoint).push(event);
  }

  /** Does a step; returns what is not as the script says. */
  play(step) {
    this.#clockMs = step.at;
    const now = step.says ? step.at : undefined;
    const gives = this.#perform(step, now);
    const differences = [];
    if (step.gives !== undefined) compare("returned", gives, step.gives, differences);
    if (step.bytes !== undefined) compare("the export", gives, step.bytes, differences);
    for (const [index, breaker] of this.#breakers.entries())
      this.#look(step, index, breaker, now, differences);
    return differences;
  }

  #perform(step, now) {
    const breaker = this.#breakers[step.of];
    switch (step.do) {
      case "onSuccess":
      case "onFailure":
        return breaker[step.do](step.ticket, now, step.ms, step.weight);
      case "release":
        return breaker.release(step.ticket, now);
      case "holdOpen":
        return breaker.holdOpen(step.untilMs, now);
      case "acquireBatch":
        return this.#acquireBatch(step, now);
      case "reportBatch":
        return this.#reportBatch(step, now);
      case "move":
        return this.#move(step, now);
      case "look":
        return undefined;
      default: // tryAcquire, check, reset, and the modes
        return breaker[step.do](now);
    }
  }

  #acquireBatch({ entries, gives }, now) {
    const batch = this.#registry.batch(Math.max(entries.length, 1));
    for (const [index, { of }] of entries.entries()) batch.breakers[index] = this.#breakers[of].id;
    const admitted = this.#registry.acquireBatch(batch, entries.length, now);
    const tickets = [...batch.tickets.subarray(0, entries.length)];
    if (admitted !== gives.filter((ticket) => ticket !== 0).length) return { admitted, tickets };
    return tickets;
  }

  #reportBatch({ entries }, now) {
    const batch = this.#registry.batch(Math.max(entries.length, 1));
    for (const [index, { of, ticket, outcome, weight, ms }] of entries.entries()) {
      batch.breakers[index] = this.#breakers[of].id;
      batch.tickets[index] = ticket;
      batch.outcomes[index] = outcome;
      if (weight !== undefined) batch.weights[index] = weight;
      if (ms !== undefined) batch.durations[index] = ms;
    }
    this.#registry.reportBatch(batch, entries.length, now);
  }

  /** Goes on with what another registry makes of the export, whose bytes it returns. */
  #move({ seed }, now) {
    const bytes = this.#registry.export(now);
    this.#registry.detach?.();
    this.#registry = this.#found(seed);
    this.#registry.import(bytes, now);
    this.#breakers = this.#names.map((name) => this.#registry.peek(name));
    this.exports.push(hexOf(bytes));
    return this.exports.at(-1);
  }

  #look(step, index, breaker, now, differences) {
    const name = `breaker ${index}`;
    const expected = { ...this.#shown[index], ...step.shows?.[index] };
    this.#shown[index] = expected;
    const { opened: _, ...seen } = breaker.snapshot(now); // what opened it is compared as an event
    compare(`the snapshot of ${name}`, seen, expected, differences);
    const { state, mode } = expected;
    compare(name, { state: breaker.state, mode: breaker.mode }, { state, mode }, differences);
    compare(`retryAfterMs of ${name}`, breaker.retryAfterMs(now), expected.retryAfterMs, differences);
    const told = (step.tells?.[index] ?? []).map((values) => eventOf(breaker.name, values));
    compare(`the events of ${name}`, this.#heard.get(breaker.name) ?? [], told, differences);
    this.#heard.delete(breaker.name);
  }
}

function eventOf(endpoint, values) {
  return Object.fromEntries([
    ["endpoint", endpoint],
    ...EVENT_FIELDS.map((field, at) => [field, values[at]]),
  ]);
}

/** Adds a sentence for each value that is not the same, down to the last bit of a number. */
function compare(what, actual, expected, differences) {
  if (typeof expected === "object" && expected !== null && typeof actual === "object" && actual !== null) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compare(`${key} of ${what}`, actual[key], expected[key], differences);
    }
  } else if (!Object.is(actual, expected)) {
    differences.push(`${what}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

function show(value) {
  if (typeof value === "number") return `${value} (${bitsOf(value)})`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bitsOf(value) {
  return new BigUint64Array(new Float64Array([value]).buffer)[0].toString(16).padStart(16, "0");
}

function numberOf(bits) {
  return new Float64Array(new BigUint64Array([BigInt(`0x${bits}`)]).buffer)[0];
}

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
