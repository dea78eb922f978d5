/**
 * Checks the protocol of threads: every model in test/protocol/ with spin, and every mutant of it, which has a
 * flaw that spin must find. Prints a table; fails when a run does not end as the table says, or is not complete.
 *
 * `node scripts/protocol.mjs [MODEL…]`. Needs `spin` and a C compiler (`cc`). Works in a temporary folder.
 * `--large`: explores the compiled core instead, with the plans that the tests leave out: about an hour, 4 GB.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MODELS_FOLDER = fileURLToPath(new URL("../test/protocol", import.meta.url));
const MEMORY_LIMIT_MB = 900;
const DEPTH_LIMIT = 100_000;
const TIMEOUT_MS = 120_000;

/** Of each model: the sizes at which it must hold, and the mutants, each with the flaw that it brings back. */
const EXPECTED = {
  transition: {
    sizes: [[]],
    mutants: {
      NO_SWAP: "the word is looked at and stored in two steps",
      POINTER_LATE: "the owner says which breaker it owns only after the swap",
      POINTER_EARLY: "the owner forgets its breaker before the word is stored",
      HEAD_EARLY: "the head of the journal is raised before the record is filled",
      WORD_FIRST: "the breaker is changed before the head is raised",
      LEVEL_COUNTED: "the level is counted up instead of copied from the record",
      ANY_BREAKER: "recover takes the record of another breaker",
      ANY_GENERATION: "recover takes the record of an earlier generation",
      REUSE_FROM_ONE: "a breaker at a used address starts at generation 1 again",
      HOLD_UNSEEN: "the owner does not look at the deadline again",
    },
  },
  probes: {
    sizes: [[], ["-DPROBES=2", "-DTURNS=0"]],
    mutants: {
      LEASE_UNSEEN: "a sleeper takes a lease without a look at the word",
      LEASE_STORED: "a lease is stored, not swapped",
      LEASE_KEPT: "a refused call keeps its lease",
      ANY_LEASE: "a lease of another generation is given back",
      SUCCESS_UNSEEN: "a sleeper counts a success without a look at the word",
    },
  },
  closed: {
    sizes: [[]],
    mutants: {
      CALLS_ONCE: "the calls are not read again after the failures",
      FAILURES_FIRST: "a failure is counted before its call",
      TIME_UNSEEN: "nobody looks whether another thread is in a later bucket",
      LATEST_LATE: "the time is stored after the bucket has turned",
      END_EARLY: "the end of the bucket is stored before the sums",
      TICKET_EARLY: "a stripe joins the generation before it is cleared",
      JUDGED_BEFORE: "the verdict comes before the outcome is counted",
    },
  },
  count: {
    sizes: [[], ["-DFEW=2", "-DAPPENDS=3"]],
    mutants: {
      WORD_UNSEEN: "a sleeper appends without a look at the word",
      NO_HELP: "who appends writes the ring afterwards, alone",
      HEAD_UNSEEN: "who writes the ring does not look at the head again",
      CHANGES_UNCOUNTED: "a word of the ring does not count its changes",
      FIRST_PLACE_SKIPPED: "the first place of a word is not written when it is as it should be",
      EMPTIED_LATE: "a transition empties the window after the word has changed",
    },
  },
};

const run = promisify(execFile);

/** What spin says about a model with those definitions. A mutant is refuted early: not worth optimizing. */
async function check({ model, definitions, holds }) {
  const folder = mkdtempSync(join(tmpdir(), "bluesmoke-protocol-"));
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 };
  try {
    await run("spin", [...definitions, "-a", join(MODELS_FOLDER, `${model}.pml`)], options);
    await run(
      "cc",
      [holds ? "-O2" : "-O0", "-w", "-DSAFETY", `-DMEMLIM=${MEMORY_LIMIT_MB}`, "-o", "pan", "pan.c"],
      options,
    );
    const { stdout } = await run("./pan", [`-m${DEPTH_LIMIT}`, "-n"], options);
    return parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parse(output) {
  const number = (pattern) => {
    const match = pattern.exec(output);
    if (match === null) throw new Error(`pan did not say ${pattern}:\n${output}`);
    return Number(match[1]);
  };
  const violated = /assertion violated (.*) \(at depth \d+\)/.exec(output);
  return {
    errors: number(/errors: (\d+)/),
    states: number(/(\d+) states, stored/),
    depth: number(/depth reached (\d+)/),
    violated: violated === null ? undefined : violated[1],
    complete: !/Search not completed|max search depth too small/.test(output),
  };
}

/** All runs of a model, each with what is expected of it. */
function runsOf(model) {
  const { sizes, mutants } = EXPECTED[model];
  return [
    ...sizes.map((definitions) => ({
      model,
      definitions,
      about: definitions.join(" ") || "as it is",
      holds: true,
    })),
    ...Object.entries(mutants).map(([name, flaw]) => ({
      model,
      definitions: [`-DMUTANT_${name}`],
      about: `${name}: ${flaw}`,
      holds: false,
    })),
  ];
}

/** Whether the run ended as it must: a model holds in all its states, a mutant violates a property. */
function isAsExpected({ holds }, { errors, complete, violated }) {
  return holds ? errors === 0 && complete : errors > 0 && violated !== undefined;
}

/** The tests of the explorer, with the large plans. */
function exploreLarge() {
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const env = { ...process.env, BLUESMOKE_PROTOCOL: "large", NODE_OPTIONS: "--max-old-space-size=4096" };
  const { status } = spawnSync(process.execPath, [vitest, "run", "test/protocol/explored.test.ts"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}

async function main() {
  if (process.argv.includes("--large")) return exploreLarge();
  const models = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(EXPECTED);
  const unknown = models.find((model) => !(model in EXPECTED));
  if (unknown !== undefined)
    throw new Error(`there is no model ${unknown}; there are ${Object.keys(EXPECTED).join(", ")}`);
  const runs = models.flatMap(runsOf);
  const started = Date.now();
  let next = 0;
  let wrong = 0;
  const work = async () => {
    while (next < runs.length) {
      const expected = runs[next++];
      const found = await check(expected);
      const right = isAsExpected(expected, found);
      if (!right) wrong++;
      print(expected, found, right);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`protocol: ${runs.length - wrong} of ${runs.length} runs as expected, in ${seconds} s`);
  if (wrong > 0) process.exitCode = 1;
}

function print({ model, about, holds }, { errors, states, complete, violated }, right) {
  const outcome = errors > 0 ? "refuted" : complete ? "holds" : "not complete";
  const verdict = right ? "ok  " : "FAIL";
  console.log(
    `${verdict} ${model.padEnd(10)} ${outcome.padEnd(8)} ${String(states).padStart(8)} states  ${about}`,
  );
  if (!right)
    console.log(
      `     expected ${holds ? "that it holds" : "a violation"}; ${violated ?? "no property was violated"}`,
    );
}

main().catch((error) => {
  console.error(
    `protocol: ${error.code === "ENOENT" ? `${error.path} is missing: install spin and a C compiler` : error.stderr || error.message}`,
  );
  process.exitCode = 1;
});
