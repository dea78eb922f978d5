import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ReplayResult } from "../../../src/replay/whatif/replay-calls.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke } from "../support/command.ts";
import { GUARDED } from "../support/pipeline.ts";

/** A line a call, 20 ms apart; those from 4 s to 8 s fail. */
const TRACE = Array.from({ length: 600 }, (_, i) => {
  const fails = i >= 200 && i < 400;
  return JSON.stringify({
    endpoint: "pay<1>",
    startMs: 1_700_000_000_000 + i * 20,
    durationMs: 10,
    status: fails ? 503 : 200,
  });
}).join("\n");

describe("bluesmoke replay", () => {
  it("prints openings, outages, saved and refused calls, and what it cannot know", async () => {
    const { code, stdout, stderr } = await bluesmoke("replay", await makeFile("t.ndjson", `${TRACE}\n`));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^600 calls of 1 endpoint in 12\.0 s\n/);
    expect(stdout).toMatch(/pay<1> +600 +200 +1 +1 +<= 1\.0 s +\d+ \(\d+\.\d %\)/);
    expect(stdout).toMatch(
      /2023-11-14T22:13:25\.\d+Z +pay<1> +success_rate_over_time_window +51 of 251 failed/,
    );
    expect(stdout).toContain(
      "Limit: a call that would have been refused keeps the outcome that was recorded",
    );
    expect(code).toBe(0);
  });

  it("takes options from a file with comments, of all breakers or of one endpoint", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const options = await makeFile(
      "o.json",
      '{ // three\n "detector": { "kind": "consecutive_failures", "failures": 3 } }',
    );
    const one = await bluesmoke("replay", trace, "--options", options, "--json");
    const result = JSON.parse(one.stdout) as ReplayResult;
    expect(result.endpoints[0]?.outages[0]?.noticedAfterMs).toBe(40);
    const off = await makeFile("off.json", '{ "endpoints": { "pay<1>": { "mode": "disabled" } } }');
    const two = await bluesmoke("replay", trace, "--options", off, "--json");
    expect((JSON.parse(two.stdout) as ReplayResult).events).toEqual([]);
  });

  it("writes a page that needs nothing else", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const page = join(dirname(trace), "page.html");
    const { code } = await bluesmoke("replay", trace, "--html", page);
    const html = await readFile(page, "utf8");
    expect(code).toBe(0);
    expect(html).toContain('<a href="#endpoint-1">pay&lt;1&gt;</a>');
    expect(html).toContain('<rect class="failedSaved"');
    expect(html).toMatch(/<rect class="open"[^>]*><title>2023-11-14T22:13:25/);
    expect(html).not.toMatch(/<script|<link (?!rel="icon" href="data:,")|src=|@import|url\(|pay<1>/);
  });

  it("replays what a run has recorded, with the events of the run", async () => {
    const events = Array.from({ length: 300 }, (_, id) => JSON.stringify({ id })).join("\n");
    const pipeline = await makeFile("p.trickle", GUARDED);
    const source = await makeFile("in.ndjson", `${events}\n`);
    const file = join(dirname(pipeline), "trace.bst");
    const run = await bluesmoke(
      "run",
      pipeline,
      "--in",
      source,
      "--out",
      "null:",
      "--record",
      file,
      "--json",
      "--seed",
      "7",
    );
    expect(run.code).toBe(0);
    const { code, stdout } = await bluesmoke("replay", file, "--json");
    const result = JSON.parse(stdout) as ReplayResult;
    expect(result.total.calls).toBe(300);
    expect(result.warnings).toEqual([]);
    expect(result.endpoints.map(({ endpoint }) => endpoint)).toEqual(["guard"]);
    expect(code).toBe(0);
  });

  it("is not recorded by a run of several workers, which says so", async () => {
    const flags = ["--in", "in.ndjson", "--out", "null:", "--record", "trace.bst", "--workers", "2"];
    const { code, stderr } = await bluesmoke("run", await makeFile("p.trickle", GUARDED), ...flags);
    expect(stderr).toBe("error: --record requires one worker\na recording holds the calls of one thread\n");
    expect(code).toBe(2);
  });

  it.each([
    ["missing", undefined, /^error: the trace .*none\.log cannot be read: /],
    [
      "foreign",
      "a,b\n1,2\n",
      /the trace has none of the formats recording, .* at line 1; 0 calls were read before it/,
    ],
    ["empty", "", /the trace is empty at byte 0; 0 calls were read before it/],
  ])("says what is wrong with a trace: %s", async (_, text, message) => {
    const path = text === undefined ? "/nowhere/none.log" : await makeFile("bad.log", text);
    const { code, stdout, stderr } = await bluesmoke("replay", path);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(code).toBe(3);
  });

  it("names a bad option and a bad flag", async () => {
    const trace = await makeFile("t.ndjson", TRACE);
    const options = await makeFile("o.json", '{ "detector": { "windowMs": 0 } }');
    const bad = await bluesmoke("replay", trace, "--options", options);
    expect(bad.stderr).toContain("detector.windowMs must be 1 to 86400000, got 0");
    expect(bad.code).toBe(3);
    const model = await bluesmoke("replay", trace, "--model", "many");
    expect(model.stderr).toContain("Give capacity=CALLS A SECOND[,latency=MS].");
    expect(model.code).toBe(2);
  });
});
