import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeText } from "../../src/core/wasm-text.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/generate.mjs", import.meta.url));
const JS_MODULE = fileURLToPath(new URL("../../build/js.wasm", import.meta.url));

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-generate-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function generate() {
  return spawnSync(process.execPath, [SCRIPT, folder], { encoding: "utf8" });
}

const BINARIES = ["debug", "release", "small", "batch", "shared", "ndjson"];

describe("scripts/generate.mjs", () => {
  it("makes a module of the grammar and of every binary", () => {
    const bytes = Buffer.from([0, 97, 115, 109, 255]);
    for (const flavour of BINARIES) writeFileSync(join(folder, `${flavour}.wasm`), bytes);
    copyFileSync(JS_MODULE, join(folder, "js.wasm"));
    expect(generate()).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(folder, "grammar.ts"), "utf8")).toMatch(/^\/\/ @ts-nocheck\n\/\/ Generated /);
    for (const flavour of BINARIES) {
      const [head, line] = readFileSync(join(folder, `${flavour}.ts`), "utf8").split("\n");
      expect(head).toMatch(/^\/\/ Generated /);
      const [, name, text = ""] = /^export const (\w+)Text = (".*");$/.exec(line ?? "") ?? [];
      expect(name).toBe(flavour);
      expect([...decodeText(JSON.parse(text) as string)]).toEqual([...bytes]);
    }
    expect(readFileSync(join(folder, "js.ts"), "utf8")).toMatch(/^export function createJsCore\(/m);
  });

  it("says what to do when a binary is missing, and has made the grammar all the same", () => {
    const { status, stderr } = generate();
    expect(status).toBe(1);
    expect(stderr).toBe(`generate: ${join(folder, "debug.wasm")} is missing: run npm run build:wasm first\n`);
    expect(readFileSync(join(folder, "grammar.ts"), "utf8")).toContain("export {");
  });
});
