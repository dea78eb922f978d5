import { expect, it } from "vitest";
import { createProject, entryNames } from "./project.ts";

/** What a user of Jest writes: no option, no transformation. */
const USE = `
const { CircuitBreaker, CircuitBreakerRegistry, isCircuitOpenError } = require("bluesmoke");

test("a breaker opens", async () => {
  const breaker = new CircuitBreaker("mail", { detector: { kind: "consecutive_failures", failures: 1 } });
  await expect(breaker.execute(async () => { throw new Error("down"); })).rejects.toThrow("down");
  const refusal = await breaker.execute(async () => 1).catch((error) => error);
  expect(isCircuitOpenError(refusal)).toBe(true);
  expect(new CircuitBreakerRegistry().get("mail").state).toBe("closed");
});
`;

function requireAll(names: readonly string[]): string {
  const tests = names.map(
    (name) => `
test("${name}", () => expect(Object.keys(require("${name}")).length).toBeGreaterThan(0));`,
  );
  return tests.join("");
}

const AUTO = `
test("bluesmoke/auto loads", async () => {
  const { CircuitBreaker } = await require("bluesmoke/auto").load();
  expect(new CircuitBreaker("mail").state).toBe("closed");
});
`;

/** Those that run in a browser. */
const ANYWHERE = (name: string) => !/\/(connect|diagnostics|latency)$/.test(name);

it("Jest with its default settings requires every entry", async () => {
  const names = entryNames();
  expect(names.length).toBeGreaterThan(9);
  const text = USE + AUTO + requireAll(names);
  const project = createProject("jest", { "__tests__/breaker.js": text });
  const { code, output } = await project.run("node_modules/jest/bin/jest.js");
  expect(output).toContain(`Tests:       ${names.length + 2} passed, ${names.length + 2} total`);
  expect(code).toBe(0);
});

it("Jest runs the library in jsdom", async () => {
  const names = entryNames().filter(ANYWHERE);
  const text = USE + AUTO + requireAll(names);
  const project = createProject("jest-jsdom", { "__tests__/breaker.js": text });
  const { code, output } = await project.run("node_modules/jest/bin/jest.js", "--env=jsdom");
  expect(output).toContain(`Tests:       ${names.length + 2} passed, ${names.length + 2} total`);
  expect(code).toBe(0);
});

it("ts-jest compiles a test that imports the library, and checks its types", async () => {
  const project = createProject("ts-jest", {
    "jest.config.js": `module.exports = { transform: { "^.+\\\\.ts$": "ts-jest" } };`,
    "tsconfig.json": JSON.stringify({
      compilerOptions: { module: "commonjs", esModuleInterop: true, strict: true, types: ["jest", "node"] },
    }),
    "__tests__/breaker.ts": `
      import { CircuitBreaker, type CircuitBreakerOptions } from "bluesmoke";
      import { manualClock } from "bluesmoke/testing";

      test("a breaker has a state", () => {
        const options: CircuitBreakerOptions = { detector: { kind: "consecutive_failures", failures: 1 } };
        const state: string = new CircuitBreaker("mail", options).state;
        expect([state, typeof manualClock]).toEqual(["closed", "function"]);
      });
    `,
  });
  const { code, output } = await project.run("node_modules/jest/bin/jest.js");
  expect(output).toContain("Tests:       1 passed, 1 total");
  expect(code).toBe(0);
});
