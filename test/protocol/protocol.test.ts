/** The protocol of threads, model-checked: see docs/protocol.md and scripts/protocol.mjs. */

import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/protocol.mjs", import.meta.url));
const TIMEOUT_MS = 300_000;

const missing = ["spin", "cc"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
// In CI a missing tool is a failure: there the models are checked, or nobody knows.
const isSkipped = missing.length > 0 && process.env.CI !== "true";
const reason = isSkipped ? ` (skipped: ${missing.join(" and ")} not installed)` : "";

describe("the protocol of threads", () => {
  it.skipIf(isSkipped)(
    `holds in every state of its models, and spin refutes every mutant of them${reason}`,
    async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT]);
      expect(stdout).toMatch(/^protocol: (\d+) of \1 runs as expected/m);
    },
    TIMEOUT_MS,
  );
});
