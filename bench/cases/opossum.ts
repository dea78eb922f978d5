/** `bluesmoke/opossum` and opossum side by side, with the same options. */
import DropIn from "../../src/entry/opossum.ts";
import { loadPeer } from "../peers.ts";
import type { Work } from "../section.ts";
import { awaiting, call } from "./execute.ts";
import { fail, failing } from "./failing.ts";
import { ANSWER_OF_FALLBACK, rejected, replaced } from "./refused.ts";

/** Which of the two. */
export type Library = "bluesmoke" | "opossum";

/** Its options: none, or without timeout, snapshots and percentiles. */
export type Setting = "default" | "lean";

/** A day: a breaker that opens stays open. */
const STAYS_OPEN_MS = 86_400_000;

const OPTIONS = {
  default: { resetTimeout: STAYS_OPEN_MS },
  lean: {
    timeout: false,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
    resetTimeout: STAYS_OPEN_MS,
  },
} as const;

async function classOf(library: Library): Promise<typeof DropIn> {
  return library === "bluesmoke" ? DropIn : (await loadPeer<{ default: typeof DropIn }>("opossum")).default;
}

async function breakerOf(library: Library, setting: Setting, fn = call, options: object = {}) {
  const Class = await classOf(library);
  return new Class(fn, { ...OPTIONS[setting], ...options });
}

/** `fire` of a closed circuit. */
export async function closed(library: Library, setting: Setting): Promise<Work> {
  const breaker = await breakerOf(library, setting);
  return awaiting(() => breaker.fire());
}

/** The same with a listener to successes, as metrics have. */
export async function heard(library: Library): Promise<Work> {
  const breaker = await breakerOf(library, "lean");
  const seen = { successes: 0 };
  breaker.on("success", () => void seen.successes++);
  return awaiting(() => breaker.fire());
}

/** `fire` of an open circuit. */
export async function refused(library: Library): Promise<Work> {
  const breaker = await breakerOf(library, "default");
  breaker.open();
  return rejected(() => breaker.fire());
}

/** The same with a fallback. */
export async function replacedBy(library: Library): Promise<Work> {
  const breaker = await breakerOf(library, "default");
  breaker.fallback(() => ANSWER_OF_FALLBACK);
  breaker.open();
  return replaced(() => breaker.fire());
}

/** A function that fails, and a circuit that stays closed; each failure is judged. */
export async function failingIn(library: Library): Promise<Work> {
  const breaker = await breakerOf(library, "lean", fail, { errorThresholdPercentage: 100 });
  return failing(() => breaker.fire());
}

/** ns for a new breaker, as of the second ten thousand. */
export async function nsOfNew(library: Library): Promise<number> {
  const Class = await classOf(library);
  makeAndShutDown(Class);
  return makeAndShutDown(Class);
}

/** ns for one of them; without the shutdown. */
function makeAndShutDown(Class: typeof DropIn): number {
  const count = 10_000;
  const startMs = performance.now();
  const breakers = Array.from({ length: count }, () => new Class(call, OPTIONS.lean));
  const ns = ((performance.now() - startMs) / count) * 1e6;
  for (const breaker of breakers) breaker.shutdown();
  return ns;
}
