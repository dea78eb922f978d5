import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flagOf } from "../../src/cli/options/option.ts";
import { RUN_TABLE } from "../../src/cli/options/run-table.ts";
import { resolveListenOptions } from "../../src/connect/base/listen-options.ts";
import { isListener, isPath } from "../../src/connect/base/spec.ts";
import { resolveReconnect } from "../../src/connect/tcp/reconnect.ts";
import { resolveTcpOptions } from "../../src/connect/tcp/tcp-options.ts";
import { blocksOf, compileAll } from "./programs.ts";
import { tableOf } from "./table.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const TEXT = readFileSync(join(DOCS, "connectors.md"), "utf8");

/** Of the options at these places. */
function flagsTo(place: RegExp): string[] {
  return RUN_TABLE.filter(({ to = "" }) => place.test(to)).map((spec) => flagOf(spec).split(" ")[0] ?? "");
}

describe("docs/connectors.md", () => {
  it("has a program that compiles and runs", async () => {
    const programs = blocksOf(TEXT, "ts");
    expect(programs).toHaveLength(1);
    for (const file of compileAll("connectors", programs)) await import(/* @vite-ignore */ file);
  });

  it("has a command whose source is a server and whose sink is a file", () => {
    const command = blocksOf(TEXT, "sh").find((block) => block.includes("--in listen:"));
    const specOf = (flag: string): string => new RegExp(`--${flag} (\\S+)`).exec(command!)![1]!;
    expect(isListener(specOf("in"))).toBe(true);
    expect(isPath(specOf("out"))).toBe(true);
    expect(command).toContain(specOf("in").slice("listen:".length));
  });

  it("lists the options of servers with their defaults", () => {
    const { retryAfterMs, ...defaults } = resolveListenOptions(undefined);
    const rows = tableOf(TEXT, "option (`listen`)");
    expect(rows.at(-1)?.[0]).toBe("retryAfterMs");
    expect(retryAfterMs()).toBe(0);
    expect(Object.fromEntries(rows.slice(0, -1).map(([name, , , value]) => [name, Number(value)]))).toEqual(
      defaults,
    );
  });

  it("lists the flags of the command for them", () => {
    const rows = tableOf(TEXT, "option (`listen`)").slice(0, -1);
    expect(rows.map(([, flag]) => flag)).toEqual(flagsTo(/^listen\.(?!tls)/));
  });

  it("lists the flags of TLS, and of who sends", () => {
    const cells = tableOf(TEXT, "option").map(([, flags]) => flags ?? "");
    const listed = cells.flatMap((cell) => cell.match(/--[a-z-]+/g) ?? []);
    expect(listed.sort()).toEqual(flagsTo(/^(listen\.)?tls\.|^http\.(user|token|proxy)$/).sort());
  });

  it("lists the options of connections with their defaults", () => {
    const { timeoutMs, probe } = resolveTcpOptions(undefined);
    const { delaysMs, maximumRetries, randomized } = resolveReconnect(undefined);
    const table = tableOf(TEXT, "option (`tcp`)");
    expect(table.map(([, flag]) => flag).sort()).toEqual(flagsTo(/^tcp\./).sort());
    const rows = Object.fromEntries(table.map(([name, , , value]) => [name, value]));
    expect(rows).toEqual({
      timeoutMs: String(timeoutMs),
      probe: String(probe),
      "reconnect.intervalMs": String(delaysMs[0]),
      "reconnect.growthRate": String(delaysMs[1]! / delaysMs[0]!),
      "reconnect.maximumIntervalMs": String(delaysMs.at(-1)),
      "reconnect.maximumRetries": maximumRetries === Number.POSITIVE_INFINITY ? "no end" : "",
      "reconnect.randomized": String(randomized),
    });
  });

  it("points to files that exist", () => {
    const links = [...TEXT.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((link) => !existsSync(join(DOCS, link)))).toEqual([]);
  });
});
