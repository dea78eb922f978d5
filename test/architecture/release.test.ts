import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Packed, pack, ROOT } from "./packed.ts";

/** Packages that THIRD-PARTY-LICENSES.txt names, as NAME@VERSION. */
function licensed(): string[] {
  const text = readFileSync(join(ROOT, "dist/cli/THIRD-PARTY-LICENSES.txt"), "utf8");
  return [...text.matchAll(/^(\S+) (\d+\.\d+\.\d+) \(\S+\)$/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  );
}

interface Bill {
  readonly components: readonly {
    readonly "bom-ref": string;
    readonly licenses?: readonly { readonly license: { readonly id?: string } }[];
  }[];
}

describe("a release", () => {
  let packed: Packed;

  beforeAll(() => {
    packed = pack("release");
  }, 60_000);

  // npm run reproducible compares two clean clones.
  it("has no file that names the folder in which it was built", () => {
    const folder = join(packed.folder, "node_modules/bluesmoke");
    const naming = packed.paths.filter((path) => readFileSync(join(folder, path)).includes(ROOT));
    expect(packed.paths.length).toBeGreaterThan(100);
    expect(naming).toEqual([]);
  });

  it("has a bill of materials with the packages that are bundled, and without a time or a random number", () => {
    const text = execFileSync(process.execPath, ["scripts/sbom.mjs"], { cwd: ROOT, encoding: "utf8" });
    expect(text).not.toMatch(/serialNumber|timestamp/);
    const { components } = JSON.parse(text) as Bill;
    expect(components.map((one) => one["bom-ref"])).toEqual(licensed());
    expect(licensed().length).toBeGreaterThan(3);
    const licences = components.map(({ licenses }) => licenses?.[0]?.license.id);
    expect(licences.filter((id) => id !== "MIT" && id !== "ISC")).toEqual([]);
  });

  it("has the licence of uPlot in the entry of the dashboard, too", () => {
    const uplot = readFileSync(join(ROOT, "node_modules/uplot/LICENSE"), "utf8");
    const holder = /Copyright \(c\) .*/.exec(uplot)![0];
    for (const format of ["esm", "cjs"]) {
      const folder = join(packed.folder, "node_modules/bluesmoke/dist", format);
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
        file.endsWith(".js"),
      );
      expect(
        files.some((file) => readFileSync(join(folder, file), "utf8").includes(holder)),
        format,
      ).toBe(true);
    }
  });
});
