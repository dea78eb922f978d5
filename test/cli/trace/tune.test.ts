import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../../src/breaker/options.ts";
import type { TuneResult } from "../../../src/replay/report/tune-report.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke } from "../support/command.ts";

/** A call every 20 ms for 2 minutes; the endpoint is down four times. */
const DOWN = [
  [20, 30],
  [45, 50],
  [80, 90],
  [105, 110],
];
const TRACE = Array.from({ length: 6_000 }, (_, i) => {
  const atMs = i * 20;
  const isDown = DOWN.some(([from, to]) => atMs >= from! * 1_000 && atMs < to! * 1_000);
  return JSON.stringify({ endpoint: "pay", startMs: 1_700_000_000_000 + atMs, durationMs: 10, ok: !isDown });
}).join("\n");
const FLAGS = ["--candidates", "60", "--threads", "2"];

describe("bluesmoke tune", () => {
  it("suggests options that reach a goal, checks them on other calls, and prints them to paste", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const goal = "refuse at most 5 % of good calls, notice an outage within 3 s";
    const { code, stdout, stderr } = await bluesmoke("tune", trace, "--goal", goal, ...FLAGS);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^goal: refuse at most 5 % of good calls, notice an outage within 3 s\ntried \d+ options on [\d,]+ calls /,
    );
    expect(stdout).toMatch(/^checked on [\d,]+ other calls that the search has not seen$/m);
    expect(stdout).toContain("Best trade-offs on the calls that the search has seen:");
    expect(stdout).toMatch(/^failed calls saved\n100 % \|/m);
    const pasted = [...stdout.matchAll(/^ {3}(\{.*\})$/gm)].map(([, json]) => JSON.parse(json!) as object);
    expect(pasted).toHaveLength(3);
    for (const options of pasted) expect(() => resolveOptions(options)).not.toThrow();
    expect(stdout).toMatch(
      /^ {3}seen: {3}\S+ % of good calls refused, outages noticed after .*, \S+ % of failed calls saved$/m,
    );
    expect(stdout).toMatch(/^ {3}unseen: /m);
    expect(stdout).toContain("Limit: a call that would have been refused keeps the outcome");
  });

  it("prints the result as JSON, the same for one thread and for two, and writes a page", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const page = join(dirname(trace), "tune.html");
    const [one, two] = [
      await bluesmoke("tune", trace, "--json", "--candidates", "60", "--threads", "1", "--html", page),
      await bluesmoke("tune", trace, "--json", ...FLAGS),
    ];
    const [first, second] = [JSON.parse(one.stdout) as TuneResult, JSON.parse(two.stdout) as TuneResult];
    expect(first.front).toEqual(second.front);
    expect(first.suggestions).toEqual(second.suggestions);
    const html = await readFile(page, "utf8");
    expect(html.match(/<circle class="suggested"/g)).toHaveLength(3);
    expect(html).not.toMatch(/<script|<link (?!rel="icon" href="data:,")|src=|@import|url\(/);
  });

  it("warns of suggestions that the rate of the trace or the timeout makes useless, once each", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const { stdout } = await bluesmoke("tune", trace, "--timeout", "70000", ...FLAGS);
    const parts = stdout.split(/^(?=\d\. )/m).slice(1, 4);
    expect(parts).toHaveLength(3);
    for (const part of parts) {
      const warnings = [...part.matchAll(/^ {3}warning: (.*)$/gm)].map(([, text]) => text);
      expect(warnings.join("\n")).toContain(
        "probeTimeoutMs 30000 is below the timeout of 70000 ms: a probe that succeeds between them counts as failed",
      );
      expect(warnings.join("\n")).toMatch(/no delay is longer than \d+ ms, below the timeout of 70000 ms/);
      expect(new Set(warnings).size).toBe(warnings.length);
    }
    const result = JSON.parse((await bluesmoke("tune", trace, "--json", ...FLAGS)).stdout) as TuneResult;
    expect(result.traffic).toEqual({ rate: 50, latencyMs: 10 });
  });

  it("names a goal that is none", async () => {
    const { code, stderr } = await bluesmoke("tune", await makeFile("t.ndjson", TRACE), "--goal", "be quick");
    expect(stderr).toContain('got "be quick"');
    expect(code).toBe(3);
  });
});
