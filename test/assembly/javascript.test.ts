/** The build in plain JavaScript: what it needs, and where the output of wasm2js is changed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { BREAKER_REMAINDER } from "../../assembly/layout.ts";
import { createJsCore } from "../../build/js.ts";
import { releaseText } from "../../build/release.ts";
import { javaScriptOf } from "../../scripts/javascript.mjs";
import { decodeText } from "../../src/core/wasm-text.ts";
import { coreModule as JAVASCRIPT } from "../../src/entry/javascript.ts";

const PAGE_SIZE = 65_536;

/** The main entry with that core, as one script that sets `bluesmoke`. */
async function bundle(core: string): Promise<string> {
  const fileOf = (name: string) => new URL(`../../src/entry/${name}.ts`, import.meta.url).pathname;
  const lib = { entry: fileOf("main"), formats: ["iife" as const], name: "bluesmoke" };
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { alias: { "#core-module": fileOf(core), "#batch-module": fileOf("inline-batch") } },
    build: { write: false, minify: false, lib },
  });
  const [bundled] = Array.isArray(result) ? result : [];
  const [chunk] = bundled?.output ?? [];
  if (chunk === undefined) throw new Error(`no bundle with ${core}`);
  return chunk.code;
}

/** Runs a bundled entry, then `use`, where neither WebAssembly nor text may become code: a strict CSP. */
function runStrictly(code: string, use: string): unknown {
  const globals = { performance, atob, TextDecoder };
  return runInNewContext(`${code};(() => { ${use} })()`, globals, {
    contextCodeGeneration: { strings: false, wasm: false },
  });
}

describe("the main entry over plain JavaScript, where a policy refuses WebAssembly and eval", () => {
  const scripts = { main: "", js: "" };
  const trip = `
    const breaker = new bluesmoke.CircuitBreaker("a", { detector: { kind: "consecutive_failures", failures: 1 } });
    breaker.onFailure(breaker.tryAcquire(5), 5);
    return breaker.state + breaker.tryAcquire(6);`;

  beforeAll(async () => {
    scripts.main = await bundle("inline");
    scripts.js = await bundle("javascript");
  });

  it("works", () => {
    expect(runStrictly(scripts.js, trip)).toBe("open0");
  });

  it("works where there is no WebAssembly at all", () => {
    expect(runStrictly(scripts.js, `delete globalThis.WebAssembly; ${trip}`)).toBe("open0");
  });

  it("is needed: over WebAssembly the entry does not work there, and an eval throws", () => {
    expect(() => runStrictly(scripts.main, trip)).toThrow(/Wasm code generation disallowed/);
    expect(() => runStrictly("", `return eval("1")`)).toThrow(/Code generation from strings disallowed/);
  });
});

describe("the memory of the core in plain JavaScript", () => {
  const create = () => {
    const memory = JAVASCRIPT.createMemory();
    const core = JAVASCRIPT.instantiate(memory);
    return { memory, core };
  };

  it("grows by pages, keeps its bytes, and the core sees the new memory", () => {
    const { memory, core } = create();
    new Uint8Array(memory.buffer)[PAGE_SIZE - 1] = 7;
    expect(memory.grow(2)).toBe(1);
    expect(memory.buffer.byteLength).toBe(3 * PAGE_SIZE);
    expect(new Uint8Array(memory.buffer)[PAGE_SIZE - 1]).toBe(7);
    const breakers = 2 * PAGE_SIZE;
    const [alignedBreaker, end] = [2 * PAGE_SIZE + BREAKER_REMAINDER, 3 * PAGE_SIZE];
    new Uint32Array(memory.buffer)[breakers >>> 2] = alignedBreaker;
    expect(core.firstBad!(breakers, 0, 1, end)).toBe(1);
  });

  it("grows without ArrayBuffer.prototype.transfer as well", () => {
    const { memory } = create();
    Object.defineProperty(memory.buffer, "transfer", { value: undefined });
    new Uint8Array(memory.buffer)[3] = 9;
    memory.grow(1);
    expect(new Uint8Array(memory.buffer)[3]).toBe(9);
    expect(memory.buffer.byteLength).toBe(2 * PAGE_SIZE);
  });

  it("refuses to reach 2 GiB as WebAssembly refuses to reach its end, and is unchanged then", () => {
    const { memory } = create();
    const before = memory.buffer;
    for (const pages of [32_767, 32_768, 65_536, 2 ** 31, -1]) {
      expect(() => memory.grow(pages)).toThrow(RangeError);
    }
    expect(memory.buffer).toBe(before);
    expect(memory.grow(0)).toBe(1);
  });

  it("is not shared between two instances", () => {
    const [first, second] = [create(), create()];
    first.memory.grow(1);
    expect(second.memory.buffer.byteLength).toBe(PAGE_SIZE);
  });
});

describe("a module in plain JavaScript that grows its memory itself", () => {
  // (module (import "env" "memory" (memory 1)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
    [2, 15, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0, 1],
    [3, 2, 1, 0],
    [7, 8, 1, 4, 0x67, 0x72, 0x6f, 0x77, 0, 0],
    [10, 8, 1, 6, 0, 0x20, 0, 0x40, 0, 0x0b],
  ];
  type Growing = { grow(pages: number): number };

  async function instantiateGrowing(memory: { buffer: ArrayBuffer }): Promise<Growing> {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-"));
    const path = join(folder, "grow.wasm");
    writeFileSync(path, Uint8Array.from(module.flat()));
    const text = javaScriptOf(path).replace("(memory: object): unknown", "(memory)");
    rmSync(folder, { recursive: true });
    const { createJsCore: create } = await import(
      /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`
    );
    return create(memory);
  }

  it("is told the old number of pages, and -1 where there are no more, as WebAssembly says it", async () => {
    const memory = { buffer: new ArrayBuffer(PAGE_SIZE) };
    const core = await instantiateGrowing(memory);
    expect([core.grow(3), core.grow(0), memory.buffer.byteLength]).toEqual([1, 4, 4 * PAGE_SIZE]);
    for (const pages of [32_764, 65_535, 65_536, -1]) expect(core.grow(pages)).toBe(-1);
    expect(memory.buffer.byteLength).toBe(4 * PAGE_SIZE);
  });
});

describe("the core in plain JavaScript", () => {
  it("exports the functions of the release build", () => {
    const module = new WebAssembly.Module(decodeText(releaseText));
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    const functions = createJsCore({ buffer: new ArrayBuffer(PAGE_SIZE) }) as object;
    expect(Object.keys(functions).sort()).toEqual(names.sort());
  });
});
