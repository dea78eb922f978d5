import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

describe("package-lock.json", () => {
  // npm leaves out what it could not fetch while it wrote the file, and `npm ci` then refuses the whole of it.
  it("has an entry for every optional package of every platform", () => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    expect(wanted.length).toBeGreaterThan(0);
    const missing = wanted.filter((name) => packages[`node_modules/${name}`] === undefined);
    expect(missing).toEqual([]);
  });

  it("names no host that a package must come from", () => {
    expect(JSON.stringify(packages)).not.toContain('"resolved"');
  });
});
