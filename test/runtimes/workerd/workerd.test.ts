import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectConformance, expectTour, type Reports, SCRIPT } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { bundleWorker, writeConfig } from "./bundle.ts";
import { type FlakyOrigin, startOrigin } from "./origin.ts";
import { type Served, serve } from "./serve.ts";

interface Guarded {
  readonly answer?: string;
  readonly error?: string;
  readonly refused?: boolean;
  readonly state: string;
  readonly retryAfterMs: number;
}

/** Without and with the modules of Node, which bring `process`, `setImmediate` and timers that are objects. */
const FLAGS = [{ flags: [] }, { flags: ["nodejs_compat"] }];

inRuntime("workerd", ({ title }) => {
  describe.each(FLAGS)("with the flags $flags", ({ flags }) => {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-workerd-"));
    let origin: FlakyOrigin;
    let worker: Served;

    async function ask<T>(route: string, body?: string): Promise<T> {
      const response = await fetch(
        `${worker.origin}/${route}`,
        body === undefined ? {} : { method: "POST", body },
      );
      const text = await response.text();
      if (response.status !== 200) throw new Error(text);
      return JSON.parse(text) as T;
    }

    const call = () => ask<Guarded>(`guarded?url=${encodeURIComponent(origin.url)}`);

    beforeAll(async () => {
      const bundle = await bundleWorker(join(import.meta.dirname, "worker.mjs"), folder);
      expect(bundle.modules).toEqual(["release.wasm"]);
      worker = await serve(writeConfig(bundle, { flags }));
      origin = await startOrigin();
    });

    afterAll(async () => {
      await worker?.stop();
      origin?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it(`is ${title}, which compiles no bytes`, async () => {
      expect(await ask("where")).toMatchObject({
        userAgent: "Cloudflare-Workers",
        compiles: expect.stringContaining("disallowed"),
      });
    });

    it("gives the same answers as the model, from a Wasm module and from plain JavaScript", async () => {
      expectConformance(await ask<Reports>("conformance", SCRIPT), ["release", "js"]);
    });

    it("does what a user does first", async () => {
      expectTour(await ask("tour"));
    });

    it("has clocks that show the time of day, counted from 1970 on", async () => {
      const { before, after, day } = await ask<{ before: number[]; after: number[]; day: number }>("clock");
      for (const [n, now] of after.entries()) {
        expect(now).toBeGreaterThanOrEqual(before[n]! + 20); // both have two
        expect(Math.abs(now - day)).toBeLessThan(1_000);
      }
    });

    it("works on a clock that stands still between I/O", async () => {
      const facts = await ask<object>("frozen");
      expect(Object.entries(facts).filter(([, fact]) => fact !== true)).toEqual([]);
      expect(Object.keys(facts)).toHaveLength(6);
    });

    it("guards a real fetch: opens for a flaky origin, refuses without calling it, and closes when it is well", async () => {
      expect(await call()).toMatchObject({ answer: "well", state: "closed" });
      origin.behave("badly");
      expect(await call()).toMatchObject({ error: "Error", state: "closed" });
      expect(await call()).toMatchObject({ error: "Error", state: "open" });
      const refusal = await call();
      expect(refusal).toMatchObject({ refused: true, error: "CircuitOpenError" });
      expect(refusal.retryAfterMs).toBeGreaterThan(0);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(150);
      origin.behave("well");
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await call()).toMatchObject({ answer: "well", state: "closed" });
      const told = await ask<{ kind: string; endpoint: string; atMs: number }[]>("told");
      expect(told.map(({ kind }) => kind)).toEqual(["opened", "half_opened", "closed"]);
      for (const { atMs } of told) expect(Math.abs(atMs - Date.now())).toBeLessThan(10_000);
    });

    it("gives up an origin that hangs", async () => {
      origin.behave("not at all");
      expect(await call()).toMatchObject({ error: "CallTimeoutError" });
    });

    it("logs nothing but a listener's error, after the breaker has done its work", async () => {
      expect(worker.log()).toBe("");
      expect(await ask("uncaught")).toBe("open");
      await expect.poll(worker.log).toContain("uncaught exception; desc = Error: of the listener");
    });
  });
});
