/**
 * Mutation testing of the core: changes one thing in assembly/ or src/core/, and looks whether a test notices.
 *
 *   npm run mutate -- [--file NAME]… [--sample N] [--seed N] [--steps N] [--fresh] [--list] [--json]
 *
 * A mutant is compiled in a temporary copy, played against the model on random cases, and, if it survives that, run against the
 * tests that cover its file. Results are kept in build/mutation.jsonl, so that a run that was ended goes on where it was; they
 * hold as long as the file is the same. Prints the score and the survivors; docs/mutation.md says why they are equivalent.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutantsOf } from "./mutation/mutants.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = join(ROOT, "build/mutation.jsonl");
/** Declarations, checks at compile time, and the table of exports: no test can see a change there that compiles. */
const LEFT_OUT = ["assembly/layout.ts", "assembly/check.ts", "assembly/index.ts", "src/core/module.ts"];
const HELP = `usage: npm run mutate -- [OPTION]…

  --file NAME   only files whose path contains NAME; may be repeated
  --sample N    N mutants of each file, chosen by the seed; default: all
  --seed N      a whole number; default: 1
  --steps N     random steps against the model for each flavour; default: 20000
  --fresh       forgets the results of earlier runs
  --list        prints the mutants and runs none
  --json        prints the report as JSON
  --help        prints this`;

/** @throws Error for options that are wrong. */
function readOptions(args) {
  const whole = (name, text, least) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number < 2 ** 31) return number;
    throw new Error(`--${name} must be a whole number from ${least}, got ${JSON.stringify(text)}`);
  };
  const { values } = parseArgs({
    args,
    options: {
      file: { type: "string", multiple: true },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      steps: { type: "string", default: "20000" },
      fresh: { type: "boolean" },
      list: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  return {
    ...values,
    sample: values.sample === undefined ? Number.POSITIVE_INFINITY : whole("sample", values.sample, 1),
    seed: whole("seed", values.seed, 0),
    steps: whole("steps", values.steps, 1),
  };
}

/** Paths of the files that are mutated. @throws Error when a name fits none. */
function filesFor(names) {
  const all = ["assembly", "src/core"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`)
      .filter((file) => !LEFT_OUT.includes(file)),
  );
  if (!names) return all;
  for (const name of names) {
    if (!all.some((file) => file.includes(name)))
      throw new Error(
        `--file ${JSON.stringify(name)} fits no file; expected part of one of ${all.join(", ")}`,
      );
  }
  return all.filter((file) => names.some((name) => file.includes(name)));
}

/** So many of them, the same for the same seed. */
function sampleOf(mutants, count, seed) {
  if (mutants.length <= count) return mutants;
  const keyOf = ({ id }) => createHash("sha256").update(`${seed} ${id}`).digest("hex");
  const chosen = new Set(
    [...mutants].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, count),
  );
  return mutants.filter((mutant) => chosen.has(mutant));
}

function readResults() {
  const lines = existsSync(RESULTS) ? readFileSync(RESULTS, "utf8").split("\n").filter(Boolean) : [];
  return new Map(lines.map((line) => JSON.parse(line)).map(({ key, result }) => [key, result]));
}

/** `{ file, mutants, killed, score, survivors }` of one file. */
function reportOf(file, total, judged) {
  const survivors = judged.filter(({ result }) => result === "survived");
  const killed = judged.length - survivors.length;
  return { file, of: total, mutants: judged.length, killed, survivors: survivors.map(describe) };
}

function describe({ file, line, operator, before, text }) {
  const short = (code) => code.replaceAll(/\s+/g, " ").slice(0, 70);
  return { file, line, operator, before: short(before), after: short(text) };
}

async function judgeAll(options, print) {
  const results = readResults();
  const { Copy } = await import("./mutation/trial.mjs");
  const copy = new Copy(ROOT);
  const reports = [];
  try {
    await copy.checkBaseline(options);
    for (const file of filesFor(options.file)) {
      const source = readFileSync(join(ROOT, file), "utf8");
      const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
      const all = mutantsOf(file, source);
      const judged = [];
      for (const mutant of sampleOf(all, options.sample, options.seed)) {
        const key = `${hash} ${mutant.id}`;
        let result = results.get(key);
        if (!result) {
          result = await copy.try(mutant, source, options);
          appendFileSync(RESULTS, `${JSON.stringify({ key, result })}\n`);
        }
        judged.push({ ...mutant, result });
        const { before, after } = describe(mutant);
        print(`${result.padEnd(8)} ${file}:${mutant.line} ${mutant.operator}: ${before}  →  ${after}`);
      }
      reports.push(reportOf(file, all.length, judged));
    }
  } finally {
    copy.remove();
  }
  return reports;
}

function summaryOf(reports) {
  const mutants = reports.reduce((sum, report) => sum + report.mutants, 0);
  const killed = reports.reduce((sum, report) => sum + report.killed, 0);
  return { mutants, killed, score: mutants === 0 ? 1 : killed / mutants };
}

function printReport(reports) {
  const { mutants, killed, score } = summaryOf(reports);
  console.log("\nfile                          mutants   run  killed  score");
  for (const report of reports) {
    const percent = report.mutants === 0 ? "–" : `${((100 * report.killed) / report.mutants).toFixed(1)} %`;
    console.log(
      `${report.file.padEnd(28)} ${String(report.of).padStart(8)} ${String(report.mutants).padStart(5)} ${String(report.killed).padStart(7)}  ${percent}`,
    );
  }
  console.log(`\n${killed} of ${mutants} killed: ${(100 * score).toFixed(1)} %`);
  for (const { file, line, operator, before, after } of reports.flatMap(({ survivors }) => survivors)) {
    console.log(`survived ${file}:${line} ${operator}: ${before}  →  ${after}`);
  }
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(HELP);
  if (options.fresh) rmSync(RESULTS, { force: true });
  if (options.list) {
    for (const file of filesFor(options.file)) {
      const all = mutantsOf(file, readFileSync(join(ROOT, file), "utf8"));
      for (const mutant of sampleOf(all, options.sample, options.seed)) {
        const { line, operator, before, after } = describe(mutant);
        console.log(`${file}:${line} ${operator}: ${before}  →  ${after}`);
      }
    }
    return;
  }
  const reports = await judgeAll(options, options.json ? () => {} : console.log);
  if (options.json) console.log(JSON.stringify({ ...summaryOf(reports), files: reports }, undefined, 2));
  else printReport(reports);
}

try {
  await main();
} catch (error) {
  console.error(`mutate: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
