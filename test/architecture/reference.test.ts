import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { outputs } from "../../scripts/entries.mjs";

const ROOT = join(import.meta.dirname, "../..");
const PATIENCE_MS = 120_000;

/** Builds the reference; resolves to its exit code and all that it said. */
function build(...options: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const parameters = [join(ROOT, "scripts/reference.mjs"), ...options];
    execFile(process.execPath, parameters, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr });
    });
  });
}

describe("the reference of the API", () => {
  let result: { code: number; said: string };

  beforeAll(async () => {
    result = await build();
  }, PATIENCE_MS);

  it("is built without a warning: everything that an entry exports is documented", () => {
    expect(result.said).not.toContain("warning");
    expect(result.code, result.said).toBe(0);
  });

  it("has a page for every entry of the package; entries of one source share it", () => {
    const sources = new Map<string, string>();
    for (const { subpath, source } of outputs()) if (!sources.has(source)) sources.set(source, subpath);
    expect(sources.size).toBeGreaterThan(9);
    for (const entry of sources.values()) {
      const name = `bluesmoke${entry.slice(1)}`.replaceAll("/", "_");
      expect(existsSync(join(ROOT, "build/reference/modules", `${name}.html`)), name).toBe(true);
    }
  });

  it("would fail for an export without a comment", { timeout: PATIENCE_MS }, async () => {
    const folder = join(ROOT, "build/undocumented");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "entry.ts"), "export interface Silent {\n  readonly word: string;\n}\n");
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ include: ["entry.ts"] }));
    const config = `import config from "../../docs/reference/typedoc.mjs";
      export default {
        ...config, entryPoints: ["entry.ts"], tsconfig: "tsconfig.json", out: "out",
        intentionallyNotDocumented: [],
      };`;
    writeFileSync(join(folder, "typedoc.mjs"), config);
    const { code, said } = await build("--options", join(folder, "typedoc.mjs"));
    expect(code).not.toBe(0);
    expect(said).toMatch(/Silent \(Interface\).*does not have any documentation/);
    expect(said).toMatch(/Silent\.word \(Property\).*does not have any documentation/);
  });
});
