import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tableOf } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");

const { packages } = JSON.parse(readFileSync(join(ROOT, "test/runtimes/package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
};
const versionOf = (name: string) => packages[`node_modules/${name}`]?.version;

it("README lists the runtimes with the versions that the tests install", () => {
  const rows = tableOf(readFileSync(join(ROOT, "README.md"), "utf8"), "runtime");
  expect(rows.map(([runtime, version]) => [runtime, version])).toEqual([
    ["Node", `20, ${versionOf("node22")}, ${versionOf("node24")}`],
    ["Chromium", versionOf("@sparticuz/chromium")?.split(".")[0]],
    ["Deno", versionOf("deno")],
    ["Bun", versionOf("bun")],
    ["Cloudflare's workerd", versionOf("workerd")],
    ["Vercel's edge runtime", versionOf("edge-runtime")],
  ]);
});
