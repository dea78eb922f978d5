/** How many sources a call runs through: a reader follows a call file by file. */
import { describe, expect, it } from "vitest";
import { outputOf } from "../program.ts";

/** Files of src/ whose functions ran while `call` did, by their names; warm: what runs once only has run. */
async function filesOf(setUp: string, call: string): Promise<string[]> {
  const program = `
    import { Session } from "node:inspector/promises";
    import { CircuitBreaker, CircuitBreakerRegistry } from "bluesmoke";
    const make = () => { ${setUp} };
    const call = async (breaker) => { ${call} };
    for (let n = 0; n < 3; n++) await call(make());
    const breaker = make();
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await session.post("Profiler.takePreciseCoverage");
    await call(breaker);
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const files = result
      .filter(({ url, functions }) => url.includes("/src/") && functions.some(({ functionName, ranges }) => functionName && ranges[0].count > 0))
      .map(({ url }) => url.split("/src/")[1]);
    console.log(JSON.stringify(files.sort()));
    process.exit();`;
  return JSON.parse(await outputOf(program)) as string[];
}

describe("a call runs through", () => {
  it("at most 5 files: an awaited success", async () => {
    const files = await filesOf(
      `const breaker = new CircuitBreakerRegistry().get("api"); for (let n = 0; n < 100; n++) breaker.onSuccess(breaker.tryAcquire()); return breaker;`,
      `await breaker.execute(async () => 1);`,
    );
    expect(files).toContain("breaker/breaker.ts");
    expect(files.length, files.join()).toBeLessThanOrEqual(5);
  });

  it("at most 10 files: a failure that opens, with a listener", async () => {
    const files = await filesOf(
      `const breaker = new CircuitBreakerRegistry().get("api", { detector: { kind: "consecutive_failures", failures: 1 } });
       breaker.on("opened", () => {});
       return breaker;`,
      `await breaker.execute(async () => { throw new Error("down"); }).catch(() => {});`,
    );
    expect(files).toContain("breaker/dispatcher.ts");
    expect(files.length, files.join()).toBeLessThanOrEqual(10);
  });
});
