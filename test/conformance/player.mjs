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
  "lastError",
  "level",
  "delayMs",
  "retryAtMs",
];
const KINDS = ["opened", "closed", "half_opened", "enabled", "disabled", "shadowed", "reset"];
/** More differences than this say nothing more. */
const MOST = 20;

/** The script out of its text; null in it stands for undefined. */
export function read(text) {
  return JSON.parse(text, (_, value) =>
    typeof value === "object" && value !== null && typeof value.f64 === "string"
      ? numberOf(value.f64)
      : value,
  );
}

/**
 * Plays all cases. `library`: its main entry; `createRegistry(options)` makes a registry, where that is another one. Returns
 * where they differ, as sentences, and how many steps were played: an empty script shows nothing.
 */
export function play(
  script,
  library,
  createRegistry = (options) => new library.CircuitBreakerRegistry(options),
) {
  const differences = [];
  let steps = 0;
  for (const one of script.cases) {
    const scene = new Scene(one, library, createRegistry);
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

/** All exports in the script as JSON texts, as the library gives them. */
export function exportsOf(script, library, createRegistry) {
  return script.cases.flatMap((one) => {
    const scene = new Scene(one, library, createRegistry);
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
  #library;
  #createRegistry;
  #names;
  #registry;
  #breakers;
  #shown;
  #heard = new Map();
  #clockMs;
  /** Of all moves so far, as JSON texts. */
  exports = [];

  constructor({ seed, startMs, breakers }, library, createRegistry) {
    this.#library = library;
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

  #hear(told) {
    const event = { ...told, lastError: told.lastError?.message };
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
    if (step.json !== undefined) compare("the export", byName(gives), byName(step.json), differences);
    for (const [index, breaker] of this.#breakers.entries())
      this.#look(step, index, breaker, now, differences);
    return differences;
  }

  #perform(step, now) {
    const breaker = this.#breakers[step.of];
    switch (step.do) {
      case "onSuccess":
        return breaker.onSuccess(step.ticket, now, step.ms, step.weight);
      case "onFailure":
        return breaker.onFailure(step.ticket, now, step.ms, step.weight, step.holdMs, step.error);
      case "release":
        return breaker.release(step.ticket, now);
      case "trip":
        return breaker.trip(now, step.holdMs);
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
    const batch = this.#library.createBatch(this.#registry, Math.max(entries.length, 1));
    for (const [index, { of }] of entries.entries()) batch.breakers[index] = this.#breakers[of].id;
    const admitted = this.#library.acquireBatch(batch, entries.length, now);
    const tickets = [...batch.tickets.subarray(0, entries.length)];
    if (admitted !== gives.filter((ticket) => ticket !== 0).length) return { admitted, tickets };
    return tickets;
  }

  #reportBatch({ entries }, now) {
    const batch = this.#library.createBatch(this.#registry, Math.max(entries.length, 1));
    for (const [index, { of, ticket, outcome, weight, ms }] of entries.entries()) {
      batch.breakers[index] = this.#breakers[of].id;
      batch.tickets[index] = ticket;
      batch.outcomes[index] = outcome;
      if (weight !== undefined) batch.weights[index] = weight;
      if (ms !== undefined) batch.durations[index] = ms;
    }
    this.#library.reportBatch(batch, entries.length, now);
  }

  /** Goes on with what another registry makes of the export, whose JSON text it returns. */
  #move({ seed }, now) {
    const json = JSON.stringify(this.#library.exportState(this.#registry, now));
    this.#registry.detach?.();
    this.#registry = this.#found(seed);
    this.#library.importState(this.#registry, JSON.parse(json), now);
    this.#breakers = this.#names.map((name) => this.#registry.peek(name));
    this.exports.push(json);
    return this.exports.at(-1);
  }

  #look(step, index, breaker, now, differences) {
    const name = `breaker ${index}`;
    const changes = Object.entries(step.shows?.[index] ?? {}).map(([name, value]) => [
      name,
      value ?? undefined,
    ]);
    const before = this.#shown[index];
    const expected = { ...before, ...Object.fromEntries(changes) };
    expected.totals = { ...before?.totals, ...expected.totals }; // those that have changed
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
    ...EVENT_FIELDS.map((field, at) => [field, values[at] ?? undefined]),
  ]);
}

/** An export whose breakers are in the order of their names, each with its options: threads keep no other order. */
function byName(json) {
  const { options, breakers, ...rest } = JSON.parse(json);
  const sorted = breakers
    .map((breaker) => ({ ...breaker, options: options[breaker.options] }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return JSON.stringify({ ...rest, breakers: sorted });
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
