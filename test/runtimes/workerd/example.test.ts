import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { blocksOf } from "../../readme/programs.ts";
import { inRuntime } from "../runtime.ts";
import { bundleWorker, writeConfig } from "./bundle.ts";
import { type FlakyOrigin, startOrigin } from "./origin.ts";
import { type Served, serve } from "./serve.ts";

const ROOT = join(import.meta.dirname, "../../..");

inRuntime("workerd", () => {
  let folder: string;
  let origin: FlakyOrigin;
  let worker: Served | undefined;

  /** Asks the worker of that file, which finds its origin in the environment. */
  async function visit(entry: string): Promise<() => Promise<Response>> {
    const bundle = await bundleWorker(entry, folder);
    expect(bundle.modules).toEqual(["release.wasm"]);
    const served = await serve(writeConfig(bundle, { bindings: { ORIGIN: origin.url } }));
    worker = served;
    return () => fetch(`${served.origin}/page?x=1`);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "bluesmoke-example-"));
    origin = await startOrigin();
  });

  afterEach(async () => {
    await worker?.stop();
    origin.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs examples/cloudflare-worker, which hands answers on, and answers itself while the origin is down", async () => {
    const ask = await visit(join(ROOT, "examples/cloudflare-worker/worker.js"));
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

  it("runs the worker of docs/edge.md, which gives up an origin that is gone, and then leaves it alone", async () => {
    const [text = ""] = blocksOf(readFileSync(join(ROOT, "docs/edge.md"), "utf8"), "js");
    writeFileSync(join(folder, "entry.mjs"), text);
    const ask = await visit(join(folder, "entry.mjs"));
    expect(await (await ask()).text()).toBe("well");
    origin.stop();
    const statuses: number[] = [];
    for (let call = 0; call < 25; call++) statuses.push((await ask()).status);
    expect(statuses.indexOf(503)).toBe(19); // the 20th call is refused; 20 are enough for a verdict
    expect(new Set(statuses.slice(0, 19))).toEqual(new Set([502]));
  });
});
