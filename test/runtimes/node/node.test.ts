import { expect, it } from "vitest";
import { EXECUTABLES } from "../catalog.ts";
import { start } from "../process.ts";
import { inRuntime } from "../runtime.ts";

const MAJORS = { node: process.versions.node.split(".")[0], node22: "22", node24: "24" } as const;

for (const name of ["node", "node22", "node24"] as const) {
  inRuntime(name, ({ version }) => {
    it(`is Node ${MAJORS[name]}`, async () => {
      const answer = await start(EXECUTABLES[name](), ["-p", "process.versions.node"]);
      expect(answer.trim()).toBe(version);
      expect(answer.split(".")[0]).toBe(MAJORS[name]);
    });
  });
}
