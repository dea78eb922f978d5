/** Tickets without promises: the time by the clock of the library, or given; success, failure, refusal. */
import { HandBreakers } from "../byhand/breakers.ts";
import { coarseClock } from "../byhand/clock.ts";
import { loadLibrary } from "../library.ts";
import { Random } from "../random.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { LASTING_OPTIONS, OPTIONS, PATIENT_OPTIONS, PATIENT_POLICY, trip, warm } from "./options.ts";
import { timedLoop } from "./timed-loop.ts";

/** Breakers of a run at random, each of which is one object that the caller has kept. */
const MANY = 100_000;
const FEW = 1_000;
const ORDER_SEED = 7;
const ENTRIES = LOOP;

async function breakerOf(scale: Scale, options: object) {
  return (await loadLibrary(scale)).registry().get("endpoint", options);
}

/** `tryAcquire()` and `onSuccess(ticket)`. */
export async function successes(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, OPTIONS);
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    for (let i = 0; i < LOOP; i++) {
      const ticket = breaker.tryAcquire();
      breaker.onSuccess(ticket);
      if (ticket !== 0) admitted++;
    }
    return admitted;
  });
}

/** `tryAcquire()` and `onFailure(ticket)`: each failure is judged, and none opens. */
export async function failures(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, PATIENT_OPTIONS);
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    for (let i = 0; i < LOOP; i++) {
      const ticket = breaker.tryAcquire();
      breaker.onFailure(ticket);
      if (ticket !== 0) admitted++;
    }
    return admitted;
  });
}

/** Both by hand, on a clock like the library's. */
export function byHand(outcome: "success" | "failure"): Work {
  const breakers = new HandBreakers(PATIENT_POLICY, 1);
  const clock = coarseClock();
  const fails = outcome === "failure";
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    for (let i = 0; i < LOOP; i++) {
      const ticket = breakers.tryAcquire(0, clock());
      if (fails) breakers.onFailure(0, ticket, clock(), Number.NaN);
      else breakers.onSuccess(0, ticket, clock(), Number.NaN);
      if (ticket !== 0) admitted++;
    }
    return admitted;
  });
}

/** The same with the time given. */
export async function timedSuccesses(scale: Scale): Promise<Work> {
  return timedLoop(await breakerOf(scale, OPTIONS));
}

/** The same. */
export async function timedFailures(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, PATIENT_OPTIONS);
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = breaker.tryAcquire(now);
      breaker.onFailure(ticket, now);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}

/** `tryAcquire(nowMs)` of a breaker that is open. */
export async function timedRefusals(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, LASTING_OPTIONS);
  const clock = new Clock();
  trip(breaker, clock);
  return counted(LOOP, LOOP, () => {
    let refused = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      if (breaker.tryAcquire(now) === 0) refused++;
    }
    clock.nowMs = now;
    return refused;
  });
}

/** `executeSync(fn)`. */
export async function synchronous(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, OPTIONS);
  return counted(LOOP, LOOP, () => {
    let sum = 0;
    for (let i = 0; i < LOOP; i++) sum += breaker.executeSync(() => 1);
    return sum;
  });
}

/** `forceOpen` and `enable` in turns, with a listener. */
export async function events(scale: Scale): Promise<Work> {
  const registry = (await loadLibrary(scale)).registry();
  const breaker = registry.get("endpoint", OPTIONS);
  const seen = { count: 0 };
  for (const kind of ["opened", "enabled"]) registry.on(kind, () => void seen.count++);
  breaker.forceOpen();
  breaker.enable();
  const each = seen.count;
  if (each < 1) throw new Error("no listener was called");
  return counted(1_024, 512 * each, () => {
    const before = seen.count;
    for (let i = 0; i < 512; i++) {
      breaker.forceOpen();
      breaker.enable();
    }
    return seen.count - before;
  });
}

/** `snapshot(nowMs)`. */
export async function snapshots(scale: Scale): Promise<Work> {
  const breaker = await breakerOf(scale, OPTIONS);
  const clock = new Clock();
  warm(breaker, clock);
  return counted(1_024, 1_024, () => {
    let closed = 0;
    for (let i = 0; i < 1_024; i++) if (breaker.snapshot(clock.nowMs).state === "closed") closed++;
    return closed;
  });
}

/** Kept objects, each call of another one. */
export async function atRandom(scale: Scale): Promise<Work> {
  const count = scale.short ? FEW : MANY;
  const registry = (await loadLibrary(scale)).registry({ defaults: OPTIONS });
  const breakers = Array.from({ length: count }, (_, number) => registry.get(`endpoint ${number}`));
  const clock = new Clock();
  for (const breaker of breakers) warm(breaker, clock);
  const random = new Random(ORDER_SEED);
  const order = Uint32Array.from({ length: LOOP * 8 }, () => random.below(count));
  const position = { at: 0 };
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    let at = position.at;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      at = (at + 1) % order.length;
      const breaker = breakers[order[at]!]!; // both are below the lengths
      const ticket = breaker.tryAcquire(now);
      breaker.onSuccess(ticket, now);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    position.at = at;
    return admitted;
  });
}

/** Admission and report of a batch for 16 breakers. */
export async function batches(scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const registry = library.registry({ defaults: OPTIONS });
  const breakers = Array.from({ length: 16 }, (_, number) => registry.get(`endpoint ${number}`));
  const batch = library.createBatch(registry, ENTRIES);
  const clock = new Clock();
  for (const breaker of breakers) warm(breaker, clock);
  batch.breakers.set(Uint32Array.from({ length: ENTRIES }, (_, entry) => breakers[entry % 16]!.id)); // 16
  return counted(ENTRIES, ENTRIES, () => {
    clock.nowMs += STEP_MS * ENTRIES;
    library.acquireBatch(registry, batch, ENTRIES, clock.nowMs);
    batch.outcomes.fill(1);
    library.reportBatch(registry, batch, ENTRIES, clock.nowMs);
    return ENTRIES;
  });
}

/** A breaker of a registry that threads can share, with the time given. */
export async function shared(scale: Scale): Promise<Work> {
  const breaker = (await (await loadLibrary(scale)).sharedRegistry()).get("endpoint", OPTIONS);
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = breaker.tryAcquire(now);
      breaker.onSuccess(ticket, now);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}
