import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack } from "../../architecture/packed.ts";

// Outside of the repository, whose node_modules has the flights.
describe("bluesmoke demo in a project that only installed the package", () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "bluesmoke-project-"));
    writeFileSync(join(project, "package.json"), "{}");
    const { tarball } = pack("demo");
    const install = ["install", "--offline", "--no-audit", "--no-fund", tarball];
    execFileSync("npm", install, { cwd: project, stdio: "pipe" });
  }, 60_000);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it("ships synthetic flights, and accounts for all of them", () => {
    expect(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "bluesmoke",
    ]);
    const scenario = ["--scenario", "healthy:0.3,failing:1,healthy:1.5", "--rate", "2000"];
    const parameters = ["--no-install", "bluesmoke", "demo", ...scenario, "--no-baseline", "--json"];
    const { status, stdout, stderr } = spawnSync("npx", parameters, { cwd: project, encoding: "utf8" });
    expect(stderr).toContain("The first 5,600 events of synthetic-flights.ndjson");
    const { withBreaker, accounted } = JSON.parse(stdout);
    const { read, overflow } = withBreaker.summary.events;
    expect(read).toBe(5_600);
    expect(overflow).toBeGreaterThan(0);
    expect(withBreaker.again.events.delivered).toBe(overflow);
    expect(accounted).toBe(true);
    expect(status).toBe(0);
  });
});
