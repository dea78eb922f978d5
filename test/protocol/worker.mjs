/**
 * One thread of the tests, over the core alone, in plain JavaScript, since a worker of Node 20 reads no TypeScript. It calls
 * as fast as it can until it is stopped or terminated, and counts in shared memory what it did: it sends nothing, so that it
 * may die at any moment.
 */
import { parentPort, workerData } from "node:worker_threads";

const {
  module,
  memory,
  index,
  breakers,
  stripesOffset,
  stripeSize,
  seed,
  startMs,
  chances,
  reported,
  layout,
} = workerData;
const core = new WebAssembly.Instance(module, { env: { memory } }).exports;
/** [0] stop; then probes out, by the low bits of the generation; see shared-breakers.ts. */
const counters = new Int32Array(workerData.counters);
const mine = new Float64Array(reported);

let state = seed >>> 0 || 1;
/** xorshift32 (Marsaglia, 2003): 0 <= n < limit. */
function below(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

function nowMs() {
  return performance.timeOrigin + performance.now() - startMs;
}

/** Where the probes of that generation that are out are counted. */
function outOf(which, ticket) {
  const generation = ticket >>> layout.ticketGenerationShift;
  return layout.outOffset + which * layout.outSize + (generation % layout.outSize);
}

function report(breaker, stripe, ticket) {
  const weight = 1 + below(chances.weight);
  const failed = below(100) < chances.failing;
  const late = failed
    ? core.fail(breaker, stripe, ticket, nowMs(), 1, weight) & layout.didLate
    : core.succeed(breaker, stripe, ticket, nowMs(), 1, weight) & layout.didLate;
  if (late) {
    mine[2] += weight;
    return;
  }
  mine[0] += weight;
  if (failed) mine[1] += weight;
}

function call(which) {
  const breaker = breakers[which];
  const stripe = breaker + stripesOffset + index * stripeSize;
  if (below(1000) < chances.control) {
    const now = nowMs();
    const control = below(4);
    if (control < 2) core.reset(breaker, stripe, now, 0);
    else if (control < 3) core.hold(breaker, stripe, now + 1, now, 0);
    else core.trip(breaker, stripe, 1, now, 0);
    return;
  }
  const ticket = core.acquire(breaker, stripe, nowMs()) & ~layout.ticketDidTransition;
  if (ticket === 0) {
    mine[3] += 1;
    return;
  }
  const slot = ticket & layout.slotMask;
  const isProbe = slot !== layout.slotPlain && slot !== layout.slotShadow;
  // Counted after it was admitted and until before it is given back: so never more than are out.
  if (isProbe && Atomics.add(counters, outOf(which, ticket), 1) >= chances.probes)
    Atomics.add(counters, 1, 1);
  for (let pause = below(chances.pause + 1); pause > 0; pause--) below(2);
  if (isProbe) Atomics.sub(counters, outOf(which, ticket), 1);
  const fate = below(100);
  if (fate < chances.losing) return;
  if (fate < 2 * chances.losing) core.release(breaker, stripe, ticket, nowMs());
  else report(breaker, stripe, ticket);
}

parentPort.postMessage("started");
while (Atomics.load(counters, 0) === 0) {
  for (let calls = 0; calls < 64; calls++) call(below(breakers.length));
}
parentPort.postMessage("stopped");
