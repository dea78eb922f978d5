/**
 * Kills a process that ships events through a write-ahead log, at random times, as often as asked: every event has to arrive, and
 * none may be invented. Fails, and prints the seed, where one does not.
 *
 * `node --import ./test/typescript.mjs scripts/wal-kills.mjs [--kills 1000] [--seed N]`; 1,000 kills take some ten minutes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killAtRandom } from "../test/wal/kill/kills.ts";
import { READ_COUNT, WINDOW } from "../test/wal/kill/plan.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const kills = wholeNumber("kills", 1_000_000);
const seed = wholeNumber("seed", 2 ** 31 - 1);

function wholeNumber(name, most) {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new RangeError(`--${name} must be a whole number from 1 to ${most}, got ${values[name]}`);
}

const folder = mkdtempSync(join(tmpdir(), "bluesmoke-kills-"));
const started = performance.now();
const report = await killAtRandom({
  folder,
  kills,
  seed,
  onKill: (kill) => {
    if (kill % 100 === 0) process.stdout.write(`${kill} kills\n`);
  },
});
const { events, missing, invented, doubles, mostDoubles, mostHandedAgain, accounting, problems } = report;
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
process.stdout.write(
  `${kills} kills in ${seconds} s, seed ${seed}: ${events} events, ${missing.length} missing, `,
);
process.stdout.write(`${invented.length} invented, ${doubles} doubled, at most ${mostDoubles} by one kill `);
process.stdout.write(
  `(bound: ${READ_COUNT}), at most ${mostHandedAgain} handed over again (bound: ${WINDOW}), ${accounting.waiting} left in the log\n`,
);
const cuts = problems.split("\n").filter((line) => line.includes("are cut")).length;
const others = problems.split("\n").filter((line) => line !== "" && !line.includes("are cut"));
process.stdout.write(`torn ends that were cut: ${cuts}\n`);
for (const line of others) process.stdout.write(`reported: ${line}\n`);
const isWrong =
  missing.length + invented.length + accounting.waiting > 0 ||
  mostDoubles > READ_COUNT ||
  mostHandedAgain > WINDOW;
if (isWrong) {
  process.stdout.write(
    `FAILED: missing ${missing.slice(0, 20)}; invented ${invented.slice(0, 20)}; see ${folder}\n`,
  );
  process.exitCode = 1;
} else {
  rmSync(folder, { recursive: true });
}
