import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { bundleWorker, writeConfig } from "./bundle.ts";
import { type FlakyOrigin, startOrigin } from "./origin.ts";
import { type Served, serve } from "./serve.ts";

const EXAMPLE = join(import.meta.dirname, "../../../examples/cloudflare-worker/worker.js");

inRuntime("workerd", () => {
  const folder = mkdtempSync(join(tmpdir(), "bluesmoke-example-"));
  let origin: FlakyOrigin;
  let worker: Served;

  beforeAll(async () => {
    origin = await startOrigin();
    const bundle = await bundleWorker(EXAMPLE, folder);
    worker = await serve(writeConfig(bundle, { bindings: { ORIGIN: origin.url } }));
  });

  afterAll(async () => {
    await worker?.stop();
    origin?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs the example: hands answers on, and answers itself while the origin is down", async () => {
    const ask = () => fetch(`${worker.origin}/page?x=1`);
    expect(await (await ask()).text()).toBe("well");
    origin.behave("badly");
    const statuses: number[] = [];
    for (let call = 0; call < 5; call++) statuses.push((await ask()).status);
    expect(statuses).toEqual([500, 500, 500, 500, 503]); // five calls are enough for a verdict
    const calls = origin.calls();
    const refusal = await ask();
    expect(refusal.status).toBe(503);
    expect(Number(refusal.headers.get("retry-after"))).toBe(1);
    expect(origin.calls()).toBe(calls);
    origin.behave("well");
    await expect.poll(async () => (await ask()).status, { timeout: 5_000, interval: 50 }).toBe(200);
  });
});
