import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import type { Summary } from "../../../src/cli/view/summary.ts";
import { Endpoint, ok } from "../../connect/support/endpoint.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, ndjson, numbered, parsed, start, startIn } from "../support/command.ts";
import { MortalServer } from "../support/mortal.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };
const COUNT = 20_000;

const idsOf = (events: readonly unknown[]): number[] =>
  events.map((event) => (event as { id: number }).id).sort((a, b) => a - b);
/** Lines of one length, so that both workers get as many. */
const EVEN = Array.from({ length: COUNT }, (_, id) => `{"id":${10_000 + (id % 10_000)}}\n`).join("");
const ALL = numbered(COUNT).map(({ id }) => id);

async function makeRun(pipeline = OPEN_ROAD, text = ndjson(numbered(COUNT))) {
  const folder = await makeFolder();
  const path = (name: string): string => join(folder, name);
  await Promise.all([writeFile(path("p.trickle"), pipeline), writeFile(path("in.ndjson"), text)]);
  return { path, args: ["run", path("p.trickle"), "--in", path("in.ndjson"), "--workers", "2"] };
}

describe("--workers", () => {
  it("ships every event of a file once, and adds up one summary", async () => {
    const { path, args } = await makeRun();
    const second = await makeFile("second.ndjson", ndjson(numbered(10, COUNT)));
    const out = path("out.ndjson");
    await writeFile(out, '{"old":1}\n');
    const { code, stdout } = await bluesmoke(...args, "--in", second, "--out", out, "--json");
    const summary = JSON.parse(stdout) as object;
    expect(summary).toMatchObject({
      end: "finished",
      events: { read: COUNT + 10, delivered: COUNT + 10, failed: 0 },
      unaccounted: 0,
      deadWorkers: 0,
      sources: [
        { name: path("in.ndjson"), read: COUNT },
        { name: second, read: 10 },
      ],
      sinks: [{ port: "out", name: out, taken: COUNT + 10 }],
    });
    expect(idsOf(parsed(await readFile(out, "utf8")))).toEqual([
      ...ALL,
      ...numbered(10, COUNT).map(({ id }) => id),
    ]);
    expect(code).toBe(0);
    await bluesmoke(...args, "--out", out, "--append", "--quiet");
    expect(parsed(await readFile(out, "utf8"))).toHaveLength(2 * COUNT + 10);
  });

  it("numbers malformed lines as they are in the file", async () => {
    const lines = Array.from({ length: 5_000 }, (_, line) =>
      line % 1_000 === 999 ? "oops" : `{"id":${line}}`,
    );
    const { path, args } = await makeRun(OPEN_ROAD, `${lines.join("\n")}\n`);
    const err = path("err.ndjson");
    const { code, stdout } = await bluesmoke(...args, "--out", "null:", "--port", `err=${err}`);
    expect(stdout).toContain(`5 err: malformed, kept in ${err}`);
    const numbers = parsed(await readFile(err, "utf8")).map((event) => (event as { line: number }).line);
    expect(numbers.sort((a, b) => a - b)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
    expect(code).toBe(1);
  });

  it("shares one breaker, and keeps what all workers could not deliver in one file", async () => {
    const { path, args } = await makeRun(GUARDED);
    const endpoint = await Endpoint.open((response) => response.writeHead(503).end());
    const [failed, overflow] = [path("failed.ndjson"), path("refused.ndjson")];
    const { stdout, stderr } = await bluesmoke(
      ...[...args, "--out", endpoint.url, "--endpoint", "pay", "--retries", "0"],
      ...["--failed", failed, "--overflow", overflow, "--json"],
    );
    const { events, breakers, breakerCount, sinks } = JSON.parse(stdout) as Summary;
    expect(breakerCount).toBe(1);
    expect(breakers).toMatchObject([{ endpoint: "pay" }]);
    expect(stderr.match(/breaker pay opened/g)?.length).toBe(breakers[0]?.opened);
    expect(events.failed + events.overflow).toBe(COUNT);
    expect(sinks[0]?.requests).toBe(endpoint.received.length);
    const kept = parsed(await readFile(failed, "utf8")) as { event: { id: number } }[];
    expect(kept).toHaveLength(events.failed);
    const refused = parsed(await readFile(overflow, "utf8"));
    expect(idsOf([...kept.map(({ event }) => event), ...refused])).toEqual(ALL);
  });

  it("loses nothing while a server is away, also where the pipeline pauses its sources", async () => {
    const pausing = GUARDED.replace("with\n", 'with\n  method = "pause",\n');
    const { args } = await makeRun(pausing);
    const server = await MortalServer.open();
    const running = start(...args, "--out", server.url);
    await vi.waitFor(() => expect(server.events.length).toBeGreaterThan(0), PATIENCE);
    await server.die();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server.live();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("20,000 delivered");
    expect(new Set(idsOf(server.events))).toEqual(new Set(ALL));
    expect(code).toBe(0);
  });

  it("stops all workers at SIGTERM, with one summary", async () => {
    const { args } = await makeRun();
    const endpoint = await Endpoint.open(() => {});
    const running = start(...args, "--out", endpoint.url, "--timeout", "60000");
    await endpoint.arrival(16);
    running.child.kill("SIGTERM");
    await vi.waitFor(() => expect(running.stderr).toContain("stopping"), PATIENCE);
    endpoint.answering = ok;
    endpoint.release();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("interrupted before the end of");
    expect(stdout).toMatch(/accounted for: all [\d,]+$/m);
    expect(code).toBe(143);
  });

  it("ends with the error of a worker, before a file is emptied", async () => {
    const { path, args } = await makeRun(
      "select event from in into out;\nselect event from in into out/audit;\n",
    );
    const audit = path("audit.ndjson");
    await writeFile(audit, '{"old":1}\n');
    const url = "http://127.0.0.1:9/";
    const { code, stderr } = await bluesmoke(...args, "--out", url, "--port", `audit=${audit}`);
    expect(stderr).toMatch(/^error: http:\/\/127\.0\.0\.1:9\/: cannot be reached/m);
    expect(code).toBe(4);
    expect(await readFile(audit, "utf8")).toBe('{"old":1}\n');
  });

  it.each([
    ["throw new Error('poison')", "a worker died: poison"],
    ["process.exit(3)", "a worker died: its thread ended with 3"],
  ])("reports a worker that dies by %s, and counts its events as lost", async (death, said) => {
    const { path, args } = await makeRun(OPEN_ROAD, EVEN);
    const endpoint = await Endpoint.open(() => {});
    const preload = path("preload.mjs");
    const program = `import { threadId } from "node:worker_threads";
      if (threadId === 1) setTimeout(() => { ${death} }, 1500);`;
    await writeFile(preload, program);
    const variables = { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` };
    const running = startIn(
      path(""),
      variables,
      ...args,
      "--out",
      endpoint.url,
      "--timeout",
      "3000",
      "--retries",
      "0",
    );
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toContain(`ERROR: ${said}`);
    expect(stdout).toMatch(/^ERROR: NOT ACCOUNTED FOR: 10,000 of 1\d,\d{3}: 1 worker died/m);
    expect(code).toBe(70);
  });

  it("has no more workers than there are lines", async () => {
    const { path, args } = await makeRun(OPEN_ROAD, '{"id":0}');
    const { stdout } = await bluesmoke(...args.slice(0, -1), "8", "--out", path("out"));
    expect(stdout).toContain("accounted for: all 1");
    expect(await readFile(path("out"), "utf8")).toBe('{"id":0}\n');
    const empty = await makeRun(OPEN_ROAD, "");
    const none = await bluesmoke(...empty.args, "--out", empty.path("out"));
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining("accounted for: all 0") });
  });

  it.each([
    [["--in", "-"], "--workers cannot share stdin"],
    [["--in", "tcp://127.0.0.1:9"], "--workers cannot share a connection: tcp://127.0.0.1:9"],
    [["--in", "listen:tcp://127.0.0.1:0"], "--workers cannot share a server: listen:tcp://127.0.0.1:0"],
    [["--in", "FOLDER/array.json"], "array.json: it is one JSON array"],
    [["--in", "FOLDER/in.gz"], "in.gz: it is compressed"],
    [["--in", "FOLDER/pipe"], "pipe: it is no regular file"],
    [["--port", "err=-"], "--workers cannot write to stdout"],
    [["--port", "err=FOLDER/pipe"], "cannot write to"],
  ])("refuses %j", async (flags, said) => {
    const { path, args } = await makeRun();
    await writeFile(path("array.json"), "\n [1, 2]");
    await writeFile(path("in.gz"), gzipSync("1\n"));
    execFileSync("mkfifo", [path("pipe")]);
    const given = flags.map((flag) => flag.replace("FOLDER", path(".")));
    const { code, stderr } = await bluesmoke(...args, "--out", "null:", ...given);
    expect(stderr).toContain(said);
    expect(stderr).toContain("leave out --workers");
    expect(code).toBe(2);
  });
});
