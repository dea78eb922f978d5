import { expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { askScript } from "../script.ts";
import { expectSharing, type ThreadsReport } from "../threads.ts";

for (const name of ["node", "node22", "node24"] as const) {
  inRuntime(name, () => {
    let report: ThreadsReport;

    it("runs worker threads, and ends by itself when they have", async () => {
      report = await askScript(name, "worker_threads/main.mjs", { limitMs: 20_000 });
      expect(report.messages.map(([first]) => first)).toEqual(Array(3).fill({ isMainThread: false }));
    });

    it("shares one registry between them: counts, events, and stripes that are free again", () => {
      expectSharing(report);
    });

    it("wakes listeners without a timer", () => {
      expect(report.waitAsync).toBe("function"); // Atomics.waitAsync
    });
  });
}
