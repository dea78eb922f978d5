/** Cores with a known flaw each, which the explorer must find: sources of assembly/ with one text replaced, compiled anew. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "assemblyscript/asc";
import { textOf } from "../../../scripts/wasm-text.mjs";

const ROOT = join(import.meta.dirname, "../../..");

/** The target "shared" of asconfig.json, less optimized: that takes most of the compiler's time, and matters to no property. */
const SHARED = "--noAssert --sharedMemory --initialMemory 1 --maximumMemory 65536 --enable threads -O1".split(
  " ",
);

export interface Mutant {
  readonly flaw: string;
  /** Below assembly/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Of cell.ts, which the file imports first. */
  readonly needs?: string;
  /** Name of a plan that refutes it. */
  readonly plan: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    flaw: "hung calls are read before the failures",
    file: "detector.ts",
    from: "    calls = sumAt(breaker, policy, ticket, now, BUCKET_CALLS_OFFSET);\n    failures",
    to: "    const early = isZero(policy + HUNG_BUCKETS_OFFSET) ? 0 : sumAt(breaker, policy, ticket, now, HUNG);\n    calls = sumAt(breaker, policy, ticket, now, BUCKET_CALLS_OFFSET);\n    failures",
    plan: "hung calls: each reports those of the other",
  },
  {
    flaw: "a call ends after its outcome is counted",
    file: "report.ts",
    from: "  count(breaker, stripe, policy, generationOf(word), failed, slow, duration, weight);\n  skipJudgement",
    to: "  endPending(breaker, stripe, policy, ticket, now);\n  skipJudgement",
    plan: "hung calls: each reports those of the other",
  },
  {
    flaw: "a call of a later bucket is not taken off the pending ones",
    file: "window.ts",
    from: "ASC_FEATURE_THREADS && age > <u32>PENDING_NUMBERS - count",
    to: "false",
    plan: "hung calls: a clock ahead",
  },
  {
    flaw: "acquisitions on the ramp are counted by a store",
    file: "probe.ts",
    needs: "store32",
    from: "if (swap32(breaker + PROBE_SUCCESSES_OFFSET, cell, next)) return successes;",
    to: "store32(breaker + PROBE_SUCCESSES_OFFSET, next);\n    return successes;",
    plan: "ramp: shares",
  },
  {
    flaw: "calls are read once on a ramp",
    file: "detector.ts",
    from: "ASC_FEATURE_THREADS && cause !== CAUSE_NONE",
    to: "false",
    plan: "ramp: a verdict",
  },
  {
    flaw: "configure does not own the breaker",
    file: "control.ts",
    from: "if (!ownSeen(breaker, stripe, word, seen)) return BUSY;\n  const now = advance(breaker, stripe, at);\n  const old",
    to: "const now = advance(breaker, stripe, at);\n  const old",
    plan: "configure beside a reset",
  },
  {
    flaw: "the owner is noted after the swap",
    file: "owner.ts",
    from: "  publish32(writer + WRITER_BREAKER_OFFSET, <u32>breaker); // before the swap, so that `recover` finds it\n  if (swap32(breaker + WORD_OFFSET, word, word | ((index + 1) << OWNER_SHIFT))) return true;",
    to: "  if (swap32(breaker + WORD_OFFSET, word, word | ((index + 1) << OWNER_SHIFT))) {\n    publish32(writer + WRITER_BREAKER_OFFSET, <u32>breaker);\n    return true;\n  }",
    plan: "configure beside a reset, a thread dies",
  },
  {
    flaw: "a lease is taken by a store",
    file: "probe.ts",
    from: "if (swap64(address, held, lease)) return slot;",
    to: "publish64(address, lease);\n    return slot;",
    plan: "probes: three threads, one lease",
  },
  {
    flaw: "nobody looks whether another thread is in a later bucket",
    file: "machine.ts",
    from: "if (!ASC_FEATURE_THREADS || !(load32",
    to: "if (true || !(load32",
    plan: "time window: a bucket turns",
  },
  {
    flaw: "an outcome is appended by a store",
    file: "count.ts",
    needs: "publish64",
    from: "if (swap64(window + COUNT_HEAD_OFFSET, held, headAfter(head, number, outcome, evicted))) left--;",
    to: "publish64(window + COUNT_HEAD_OFFSET, headAfter(head, number, outcome, evicted));\n    left--;",
    plan: "count window: three threads",
  },
  {
    flaw: "the share is swapped with counts from before it was read",
    file: "throttle.ts",
    from: "    if (!isCurrent(breaker, generation)) return CAUSE_NONE;\n    const run",
    to: "    const held = peek64(block + OVERLOAD_SHARE_OFFSET);\n    if (!isCurrent(breaker, generation)) return CAUSE_NONE;\n    const run",
    plan: "throttle: two failures",
  },
];

/** The build for threads of the sources with that flaw, as the text that `decodeText` reads. */
export async function build({ file, needs, from, to }: Mutant): Promise<string> {
  const path = join(ROOT, "assembly", file);
  let source = readFileSync(path, "utf8");
  if (source.split(from).length !== 2) throw new Error(`assembly/${file} does not have once: ${from}`);
  source = source.replace(from, () => to);
  if (needs) source = source.replace("import { ", `import { ${needs}, `);
  // Three flaws move a line instead of replacing it.
  if (file === "detector.ts" && to.includes("early"))
    source = source.replace(/const hung = .*;/, "const hung = early;");
  if (file === "report.ts" && to.includes("endPending"))
    source = source.replace(/ {2}endPending\(.*\n/, `${from.split("\n")[0]}\n`);
  if (file === "throttle.ts")
    source = source.replace(/ {4}const held = peek64\(block \+ OVERLOAD_SHARE_OFFSET\);\n/, "");
  let built = "";
  const { error, stderr } = await main(
    ["assembly/index.ts", "--baseDir", ROOT, "--outFile", "mutant.wasm", ...SHARED],
    {
      readFile: (name, folder) => {
        const full = join(folder, name);
        if (full === path) return source;
        try {
          return readFileSync(full, "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (name, bytes) => {
        if (name.endsWith(".wasm")) built = textOf(bytes as Uint8Array);
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return built;
}
