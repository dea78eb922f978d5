import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { killAtRandom } from "./kills.ts";
import { READ_COUNT, WINDOW } from "./plan.ts";

it("loses no event of a process that is killed at random, and doubles no more than were in flight", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bluesmoke-kills-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const seed = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000);
  const report = await killAtRandom({ folder, kills: 20, seed });
  const at = `seed ${seed}: ${JSON.stringify(report)}`;
  expect(report.missing, at).toEqual([]);
  expect(report.invented, at).toEqual([]);
  // Those in flight, and as many that were answered in the turn of the event loop in which the process was killed.
  expect(report.mostDoubles, at).toBeLessThanOrEqual(2 * READ_COUNT);
  expect(report.mostHandedAgain, at).toBeLessThanOrEqual(WINDOW);
  expect(report.accounting, at).toMatchObject({ waiting: 0, inFlight: 0, failed: 0 });
  expect(report.events, at).toBeGreaterThan(20);
}, 120_000);
