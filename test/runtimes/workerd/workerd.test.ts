import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAll, expectConformance, type Reports, type Results, SCRIPT } from "../facts.ts";
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

/** How a call with a timeout ended, and after how many ms. */
interface Timed {
  readonly end: string;
  readonly tookMs: number;
}

/** Without and with the modules of Node, which bring `process`, `setImmediate` and timers that are objects. */
const FLAGS = [{ flags: [] }, { flags: ["nodejs_compat"] }];

inRuntime("workerd", ({ title }) => {
  describe.each(FLAGS)("with the flags $flags", ({ flags }) => {
    let folder: string;
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

    const call = (timeoutMs = 5_000) =>
      ask<Guarded>(`guarded?timeoutMs=${timeoutMs}&url=${encodeURIComponent(origin.url)}`);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "bluesmoke-workerd-"));
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

    it("passes the scenarios", async () => {
      expectAll(await ask<Results>("scenarios"));
    });

    it("answers requests for the dashboard", async () => {
      expectAll(await ask<Results>("dashboard"), 5);
    });

    it("works at module scope, where there are no timers and time is 0", async () => {
      expect(await ask("early")).toMatchObject({ startedMs: 0, state: "closed", calls: 1_000, slow: 0 });
    });

    it("has clocks that show the time of day, counted from 1970 on", async () => {
      const { before, after, day } = await ask<{ before: number[]; after: number[]; day: number }>("clock");
      for (const [n, now] of after.entries()) {
        expect(now).toBeGreaterThanOrEqual(before[n]! + 20); // both have two
        expect(Math.abs(now - day)).toBeLessThan(1_000);
      }
    });

    it("works on a clock that stands still between I/O", async () => {
      expectAll(await ask<Results>("frozen"), 7);
    });

    it("guards a real fetch: opens for a flaky origin, refuses without calling it, and closes when it is well", async () => {
      expect(await call()).toMatchObject({ answer: "well", state: "closed" });
      origin.behave("badly");
      expect(await call()).toMatchObject({ error: "Error", state: "closed" });
      expect(await call()).toMatchObject({ error: "Error", state: "open" });
      const refusal = await call();
      expect(refusal).toMatchObject({ refused: true, error: "CircuitOpenError" });
      expect(refusal.retryAfterMs).toBeGreaterThan(0);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(600);
      origin.behave("well");
      await expect.poll(() => call(), { timeout: 5_000 }).toMatchObject({ answer: "well", state: "closed" });
      const events = await ask<{ kind: string; endpoint: string; atMs: number }[]>("events");
      expect(events.map(({ kind }) => kind)).toEqual(["opened", "half_opened", "closed"]);
      for (const { atMs } of events) expect(Math.abs(atMs - Date.now())).toBeLessThan(10_000);
    });

    it("gives up an origin that hangs", async () => {
      origin.behave("not at all");
      expect(await call(100)).toMatchObject({ error: "CallTimeoutError" });
    });

    it("times each call out in its own request, whatever has become of other requests", async () => {
      const hang = (route: string) => ask<Timed>(`${route}?timeoutMs=150`);
      const answered = await ask<Timed>("answered?timeoutMs=150"); // this request has ended
      const before = [ask<Timed>("answered?timeoutMs=150"), hang("unread"), hang("read")];
      await new Promise((resolve) => setTimeout(resolve, 60));
      const after = [ask<Timed>("answered?timeoutMs=150"), hang("read"), hang("unread")];
      const ends = await Promise.all([...before, ...after]);
      expect(answered.end).toBe("answered");
      expect(ends.map(({ end }) => end)).toEqual([
        "answered",
        "CallTimeoutError",
        "CallTimeoutError, signal aborted",
        "answered",
        "CallTimeoutError, signal aborted",
        "CallTimeoutError",
      ]);
      for (const { end, tookMs } of ends) {
        if (end === "answered") expect(tookMs).toBeLessThan(140);
        else expect(tookMs).toBeGreaterThanOrEqual(145);
      }
    });

    it("times a call out while the request of another one ends", async () => {
      const first = ask<Timed>("unread?timeoutMs=60"); // ends with its request before the second one
      const second = ask<Timed>("read?timeoutMs=120");
      expect((await first).end).toBe("CallTimeoutError");
      expect((await second).end).toBe("CallTimeoutError, signal aborted");
    });

    it("gives the signal of a call without a timeout to a fetch, in one request after another", async () => {
      origin.behave("well");
      const url = encodeURIComponent(origin.url);
      for (let request = 0; request < 3; request++) {
        expect(await ask(`plain?url=${url}`)).toEqual({ answer: "well", aborted: false });
      }
      const together = [1, 2, 3].map(() => ask(`plain?url=${url}`));
      expect(await Promise.all(together)).toEqual(Array(3).fill({ answer: "well", aborted: false }));
    });

    it("logs nothing but a listener's error, after the breaker has done its work", async () => {
      expect(worker.log()).toBe("");
      expect(await ask("listener")).toEqual({ state: "open", errors: ["of the listener"] });
      await expect.poll(worker.log).toContain("of the listener");
      expect(worker.log()).not.toContain("uncaught");
    });
  });
});
