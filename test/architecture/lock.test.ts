import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The package itself, and the tools that are installed on their own only where they are wanted. */
const FOLDERS = [".", "bench/compare", "docs/reference", "test/consumers", "test/runtimes"];

describe.each(FOLDERS)("package-lock.json in %s", (folder) => {
  const { packages } = JSON.parse(readFileSync(`${folder}/package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };

  // npm leaves out what it could not fetch while it wrote the file, and `npm ci` then refuses the whole of it.
  it("has an entry for every optional package of every platform", () => {
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => packages[`node_modules/${name}`] === undefined);
    expect(Object.keys(packages).length).toBeGreaterThan(1);
    expect(missing).toEqual([]);
  });

  it("names no host that a package must come from", () => {
    expect(JSON.stringify(packages)).not.toContain('"resolved"');
  });
});
