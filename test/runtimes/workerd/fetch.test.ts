import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Origin, startOrigin } from "../../http/origin.ts";
import { expectAll, REQUESTS, type Results } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { bundleWorker, writeConfig } from "./bundle.ts";
import { type Served, serve } from "./serve.ts";

inRuntime("workerd", () => {
  let folder: string;
  let origin: Origin;
  let worker: Served;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bluesmoke-fetch-"));
    origin = await startOrigin();
    worker = await serve(writeConfig(await bundleWorker(join(import.meta.dirname, "worker.mjs"), folder)));
  });

  afterAll(async () => {
    await worker?.stop();
    await origin?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // Several times: workerd collects the objects of streams that it reads.
  it.each([1, 2, 3])("guards its fetch by guardFetch, in request %i", async () => {
    const response = await fetch(`${worker.origin}/requests`, { method: "POST", body: origin.url });
    expectAll((await response.json()) as Results, REQUESTS);
  });

  it("hands the response of a guarded fetch on as it is", async () => {
    const url = encodeURIComponent(`${origin.url}/gzip`);
    const response = await fetch(`${worker.origin}/proxied?url=${url}`);
    expect(await response.text()).toBe("packed ".repeat(1_000));
    const counts = await fetch(`${worker.origin}/counted?url=${url}`);
    expect(await counts.json()).toEqual({ calls: 1, failures: 0 });
  });
});
