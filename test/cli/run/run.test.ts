import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Endpoint } from "../../connect/support/endpoint.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, bluesmokeOn, ndjson, numbered, parsed } from "../support/command.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

describe("bluesmoke run", () => {
  it("ships every event of a file to a server and says so", async () => {
    const endpoint = await Endpoint.open();
    const events = numbered(2_000);
    const [pipeline, source] = await Promise.all([
      makeFile("p.trickle", GUARDED),
      makeFile("events.ndjson", ndjson(events)),
    ]);
    const files = ["--in", source, "--out", endpoint.url];
    // No request leaves early because reading is slow.
    const { code, stdout, stderr } = await bluesmoke("run", pipeline, ...files, "--linger", "1000");

    // On a busy machine a line of progress may follow.
    expect(stderr.split("\n")[0]).toBe(
      "warning: refused events wait for the breaker, and the source with them: give --overflow FILE",
    );
    expect(stdout).toContain(`2,000 delivered to ${endpoint.url}`);
    expect(stdout).toMatch(/^4 requests to .*, 0 failed; status: 200 \(4\)$/m);
    expect(stdout).toMatch(/^1 breaker, never opened$/m);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("accounted for: all 2,000");
    expect(code).toBe(0);
    expect(idsOf(endpoint.events)).toEqual(idsOf(events));
  });

  it("reads stdin, writes stdout, and then says everything else on stderr", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const events = numbered(300);
    const ended = await bluesmokeOn(ndjson(events), "run", pipeline, "--in", "-", "--out", "-");

    expect(parsed(ended.stdout)).toEqual(events);
    expect(ended.stderr).toContain("300 read from stdin");
    expect(ended.stderr).toContain("accounted for: all 300");
    expect(ended.code).toBe(0);
  });

  it("writes what nobody changed as it was read: long numbers and every spelling", async () => {
    const pipeline = await makeFile("p.trickle", GUARDED);
    const lines = '{"id":12345678901234567890,"x":1.50e3}\n[1,  2]\n"\\u0061"\n';
    const { stdout } = await bluesmokeOn(lines, "run", pipeline, "--in", "-", "--out", "-", "--quiet");
    expect(stdout).toBe(lines);
  });

  it("prints one line of JSON under --json", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const { code, stdout } = await bluesmokeOn(
      ndjson(numbered(7)),
      ...["run", pipeline, "--in", "-", "--out", "null:", "--json"],
    );
    expect(stdout.trimEnd()).not.toContain("\n");
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      end: "finished",
      error: null,
      source: "stdin",
      events: { read: 7, delivered: 7, overflow: 0, err: 0, failed: 0, dropped: 0, filtered: 0 },
      unaccounted: 0,
      answeredTwice: 0,
      sinks: [{ port: "out", name: "null:" }],
    });
    expect(code).toBe(0);
  });

  it("sends malformed lines to err with their numbers, and goes on", async () => {
    const folder = await makeFolder();
    const [pipeline, source, out, err] = ["p.trickle", "in", "out", "err"].map((name) => join(folder, name));
    await writeFile(pipeline!, OPEN_ROAD);
    const huge = JSON.stringify("x".repeat(1_048_577));
    await writeFile(source!, `{"id":0}\nnot json\n{"id":1}\n${huge}\n{"id":2}\n{"cut`);
    const { code, stdout } = await bluesmoke(
      ...["run", pipeline!, "--in", source!, "--out", out!, "--port", `err=${err}`],
    );

    expect(parsed(await readFile(out!, "utf8"))).toEqual(numbered(3));
    expect(parsed(await readFile(err!, "utf8"))).toMatchObject([{ line: 2 }, { line: 4 }, { line: 6 }]);
    expect(stdout).toContain(`3 err: malformed, kept in ${err}`);
    expect(stdout).toContain("accounted for: all 6");
    expect(code).toBe(1);
  });

  it("shows the first malformed lines where nothing takes err", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const { code, stderr } = await bluesmokeOn(
      `\u001b[2J\n${"oops\n".repeat(20)}{}\n`,
      ...["run", pipeline, "--in", "-", "--out", "null:"],
    );
    expect(stderr.match(/malformed: line \d+: /g)).toHaveLength(5);
    expect(stderr).toContain("malformed: line 1: ");
    expect(stderr).toContain("--port err=FILE keeps them");
    expect(stderr).not.toContain("\u001b");
    expect(code).toBe(1);
  });

  it("empties its files when it starts, and adds to them under --append", async () => {
    const [pipeline, out] = await Promise.all([
      makeFile("p.trickle", OPEN_ROAD),
      makeFile("out", '{"old":1}\n'),
    ]);
    const ship = (id: number, ...more: string[]) =>
      bluesmokeOn(ndjson([{ id }]), "run", pipeline, "--in", "-", "--out", out, ...more);
    await ship(1);
    await ship(2, "--append");
    expect(parsed(await readFile(out, "utf8"))).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("says nothing but the summary under --quiet", async () => {
    const pipeline = await makeFile("p.trickle", GUARDED);
    const { stdout, stderr } = await bluesmokeOn(
      "oops\n{}\n",
      ...["run", pipeline, "--in", "-", "--out", "null:", "--quiet"],
    );
    expect(stderr).toBe("");
    expect(stdout).toContain("accounted for: all 2");
  });

  it("names the breaker that the pipeline leaves without a name, and tells what it does", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(503).end());
    const [pipeline, source] = await Promise.all([
      makeFile("p.trickle", GUARDED),
      makeFile("events.ndjson", ndjson(numbered(10_000))),
    ]);
    const cb = join(await makeFolder(), "cb.ndjson");
    const { code, stdout, stderr } = await bluesmoke(
      ...["run", pipeline, "--in", source, "--out", endpoint.url],
      ...["--endpoint", "payments", "--port", `cb=${cb}`, "--retries", "0"],
    );
    expect(stderr).toContain(
      "breaker payments opened: 3 calls failed in a row, last error: HTTP 503, retry in 0.2 s",
    );
    expect(stdout).toMatch(/^breaker payments: opened \d+ times?, open for/m);
    expect(stdout).toMatch(/failed: HTTP 503 \(\d/);
    expect(parsed(await readFile(cb, "utf8"))[0]).toMatchObject({ endpoint: "payments" });
    expect(stdout).toContain("accounted for: all 10,000");
    expect(code).toBe(1);
  });
});

function idsOf(events: readonly unknown[]): number[] {
  return events.map((event) => (event as { id: number }).id).sort((a, b) => a - b);
}
