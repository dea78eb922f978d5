import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, it } from "vitest";
import { GENERATION_SHIFT, STATE_HALF_OPEN } from "../../assembly/layout.ts";
import { createSharedBreaker } from "./threads-fixture.ts";

interface Probes {
  takeLease(breaker: number, policy: number, word: number, nowMs: number): number;
  freeLease(breaker: number, policy: number, generation: number, slot: number): number;
  addSuccess(breaker: number, generation: number): number;
  successesOf(breaker: number, generation: number): number;
}

const OPTIONS = { detector: { kind: "consecutive_failures", failures: 1 } } as const;

/** assembly/probe.ts by itself, for threads: what a thread does that was paused after it read the word. */
async function compileProbes(memory: WebAssembly.Memory): Promise<Probes> {
  const files = new Map<string, Uint8Array>();
  const { error, stderr } = await asc.main(
    ["assembly/probe.ts", "--target", "shared", "--outFile", "probe.wasm"],
    { writeFile: (name, contents) => void files.set(name, contents as Uint8Array) },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  const bytes = files.get("probe.wasm") as Uint8Array<ArrayBuffer>;
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return instance.exports as unknown as Probes;
}

describe("the lease of a probe, for a thread that was paused", () => {
  const shared = createSharedBreaker(OPTIONS, 2);
  const policy = shared.policy.address;
  let probes: Probes;

  beforeAll(async () => {
    probes = await compileProbes(shared.memory.heap as WebAssembly.Memory);
    shared.fail(0, shared.acquire(0, 5), 5);
    shared.exports.check(shared.breaker, shared.stripe(0), 1e7);
  }, 60_000);

  it("is not taken with a word that the breaker no longer has", () => {
    expect(shared.state()).toBe(STATE_HALF_OPEN);
    const word = shared.word();
    for (const old of [word - (1 << GENERATION_SHIFT), word ^ 1, word | (1 << 4)]) {
      expect(probes.takeLease(shared.breaker, policy, old, 1e7)).toBe(0);
    }
    expect(probes.takeLease(shared.breaker, policy, word, 1e7)).toBe(1);
    expect(probes.takeLease(shared.breaker, policy, word, 1e7)).toBe(0);
    expect(probes.freeLease(shared.breaker, policy, shared.generation(), 1)).toBe(1);
  });

  it("counts no success for a generation that is over", () => {
    const generation = shared.generation();
    expect(probes.addSuccess(shared.breaker, generation - 1)).toBe(0);
    expect(probes.successesOf(shared.breaker, generation - 1)).toBe(0);
    expect(probes.addSuccess(shared.breaker, generation)).toBe(1);
  });
});
