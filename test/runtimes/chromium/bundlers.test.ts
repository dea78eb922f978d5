import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NODE_ENTRIES } from "../../../scripts/entries.mjs";
import { modulesIn, PACKAGE_FOLDER } from "../packed.ts";
import { inRuntime } from "../runtime.ts";
import { BUNDLERS, scriptsOf, workshop } from "./bundlers.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { visit } from "./visit.ts";

const { exports: entries } = JSON.parse(readFileSync(join(PACKAGE_FOLDER, "package.json"), "utf8")) as {
  readonly exports: object;
};
const NAMES = Object.keys(entries)
  .filter((name) => !/\*|\.json$/.test(name) && !NODE_ENTRIES.includes(name))
  .map((name) => `bluesmoke${name.slice(1)}`);

/** What only Node has, as bundlers leave it in what they build. */
const NODE = /["'`]node:|__vite-browser-external|\brequire\(|\bprocess\.(env|nextTick|exit)/;
/** The text of all scripts that a page has fetched. */
const FETCHED = `Promise.all(
  performance.getEntriesByType("resource")
    .filter(({ name }) => /js$/.test(name))
    .map(({ name }) => fetch(name).then((answer) => answer.text())),
).then((texts) => texts.join())`;

describe.each(Object.entries(BUNDLERS))("%s", (_, bundler) => {
  it("makes nothing of what is imported and not used", async () => {
    expect(NAMES.length).toBeGreaterThan(6);
    const imports = NAMES.map((name, n) => `import * as unused${n} from "${name}"; import "${name}";`);
    expect(await bundler.bundle(imports.join("\n"))).toBe("");
  });

  it("takes of an entry what is used", async () => {
    const guard = await bundler.bundle(
      `import { isCircuitOpenError } from "bluesmoke"; console.log(isCircuitOpenError(1));`,
    );
    expect(modulesIn(guard)).toBe(0);
    expect(guard.length).toBeLessThan(1_000); // it is beside a class that is set up by its static block
    const breaker = await bundler.bundle(
      `import { CircuitBreaker } from "bluesmoke"; console.log(new CircuitBreaker("a").state);`,
    );
    expect(modulesIn(breaker)).toBe(1); // not that for threads
  });

  it("needs nothing of Node for any entry that is for browsers", async () => {
    // `hdr-histogram-js`, which measures latency, asks for zlib of Node and goes on without it.
    const ours = NAMES.filter((name) => name !== "bluesmoke/latency");
    expect(ours.length).toBe(NAMES.length - 1);
    const lines = ours.map((name, n) => `import * as entry${n} from "${name}"; console.log(entry${n});`);
    const all = await bundler.bundle(lines.join("\n"));
    expect(modulesIn(all)).toBeGreaterThan(1);
    expect(all).not.toMatch(NODE);
  });
});

inRuntime("chromium", () => {
  const { folder, remove } = workshop();
  let chromium: Chromium;
  let site: Site;

  beforeAll(async () => {
    const built = Object.entries(BUNDLERS).map(([name, bundler]) => bundler.buildApp(join(folder, name)));
    const mounts = { esbuild: join(folder, "esbuild"), Vite: join(folder, "Vite") };
    [chromium, site] = await Promise.all([launchChromium(), openSite(mounts), ...built]);
  });
  afterAll(async () => {
    await Promise.all([chromium?.close(), site?.stop()]);
    remove();
  });

  it.each(Object.entries(BUNDLERS))(
    "an app that %s has built runs, with its worker",
    async (name, bundler) => {
      await bundler.buildApp(join(folder, name));
      expect(scriptsOf(join(folder, name))).not.toMatch(NODE);
      const { page, uncaught } = await visit(chromium, site, "isolated", `${name}/index.html`);
      expect(await page.evaluate("navigator.userAgent")).toContain("Chrome/");
      await page.waitForFunction("'outcome' in globalThis");
      expect(await page.evaluate("outcome")).toEqual({
        mail: "sent",
        payments: "payments: consecutive_failures",
        trickle: { out: [{ twice: 4 }, { twice: 6 }], filtered: 1 },
        graph: 2,
        flavour: "release",
      });
      expect(uncaught).toEqual([]);
    },
  );

  it.each(Object.keys(BUNDLERS))(
    "%s splits the flavours: a page fetches the one that it allows",
    async (name) => {
      for (const [kind, flavour] of [
        ["plain", "release"],
        ["strict", "js"],
      ] as const) {
        const { page } = await visit(chromium, site, kind, `${name}/careful.html`);
        await page.waitForFunction("'outcome' in globalThis");
        expect(await page.evaluate("outcome")).toEqual({ flavour, state: "open" });
        const fetched = await page.evaluate<string>(FETCHED);
        expect(modulesIn(fetched) > 0, kind).toBe(flavour === "release");
        await page.close();
      }
    },
  );
});
