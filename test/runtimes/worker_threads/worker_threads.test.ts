import { expect, it } from "vitest";
import { type Crew, expectCrew } from "../crew.ts";
import { inRuntime } from "../runtime.ts";
import { askScript } from "../script.ts";

for (const name of ["node", "node22", "node24"] as const) {
  inRuntime(name, () => {
    let crew: Crew;

    it("runs worker threads, and ends by itself when they have", async () => {
      crew = await askScript(name, "worker_threads/main.mjs", { limitMs: 20_000 });
      expect(crew.said.map(([first]) => first)).toEqual([
        { isMainThread: false },
        { isMainThread: false },
        { isMainThread: false },
      ]);
    });

    it("shares one registry between them: counts, events, and places that are free again", () => {
      expectCrew(crew);
    });

    it("wakes listeners without a timer", () => {
      expect(crew.hears).toBe("function"); // Atomics.waitAsync
    });
  });
}
