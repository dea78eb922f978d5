import { afterAll, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { type Visit, visit } from "./visit.ts";

const EMPTY_MODULE = "new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))";

inRuntime("chromium", () => {
  let chromium: Chromium;
  let site: Site;
  let strict: Visit;

  beforeAll(async () => {
    [chromium, site] = await Promise.all([launchChromium(), openSite()]);
    strict = await visit(chromium, site, "strict", "scripts/bare.html");
  });
  afterAll(() => Promise.all([chromium?.close(), site?.stop()]));

  it("the page under test is in Chromium and refuses WebAssembly by its Content-Security-Policy", async () => {
    expect(await strict.page.evaluate("navigator.userAgent")).toContain("Chrome/");
    await expect(strict.page.evaluate(EMPTY_MODULE)).rejects.toThrow(/Content Security Policy/);
  });

  it("flavours with WebAssembly throw an error that names what refuses it, and the alternatives", async () => {
    const refusal = {
      name: "WasmRefusedError",
      code: "ERR_WASM_REFUSED",
      message: expect.stringMatching(
        /^WebAssembly is refused here \(.*Content Security Policy.*\): import "bluesmoke\/js".*'wasm-unsafe-eval'/s,
      ),
      cause: expect.stringContaining("CompileError"),
    };
    const isolated = await visit(chromium, site, "strictIsolated", "scripts/bare.html");
    expect(await isolated.callBundled("strict.mjs", "requireWasm")).toEqual({
      breaker: refusal,
      shared: refusal,
    });
  });

  it("load gives the flavour without WebAssembly, which works", async () => {
    const given = await strict.callBundled("strict.mjs", "loadAny");
    expect(given).toEqual({ flavour: "js", state: "open", code: "ERR_CIRCUIT_OPEN", isSameNextTime: true });
  });

  it("load gives the flavour with WebAssembly where it is allowed", async () => {
    const plain = await visit(chromium, site, "plain");
    const given = await plain.callBundled("strict.mjs", "loadAny");
    expect(given).toMatchObject({ flavour: "release", state: "open", code: "ERR_CIRCUIT_OPEN" });
  });

  it("load fetches the one flavour and not the other, from files that are not bundled", async () => {
    const entry = "/node_modules/bluesmoke/dist/esm/auto.js";
    for (const [kind, path, flavour] of [
      ["strict", "scripts/bare.html", "js"],
      ["plain", "scripts/page.html", "release"],
    ] as const) {
      const { page } = await visit(chromium, site, kind, path);
      const loading = `import("/${kind}${entry}").then(({ load }) => load()).then(({ flavour }) => flavour)`;
      expect(await page.evaluate(loading)).toBe(flavour);
      const files = await page.evaluate<string[]>(
        `performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1))`,
      );
      expect(files.includes("inline.js")).toBe(flavour === "release");
      expect(files.includes("javascript.js")).toBe(flavour === "js");
    }
  });

  it("a pipeline runs over a registry without WebAssembly", async () => {
    expect(await strict.callBundled("strict.mjs", "runPipeline")).toEqual({
      read: 20,
      failed: 5,
      overflow: 15,
      overflowed: 15,
    });
  });
});
