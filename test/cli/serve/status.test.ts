import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { Endpoint, ok } from "../../connect/support/endpoint.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, numbered, type Running, start } from "../support/command.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };

/** The URL before "health" in what a command says. */
async function addressOf(running: Running): Promise<string> {
  for (;;) {
    const found = /^status at (\S+)health and /m.exec(running.stderr)?.[1];
    if (found !== undefined) return found;
    await once(running.child.stderr, "data");
  }
}

/** Values by series of the text of Prometheus; every line is one, or a comment. */
function seriesIn(text: string): Map<string, number> {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => !/^# (HELP|TYPE) [a-z_]+ \S/.test(line));
  return new Map(
    lines.map((line) => {
      const found = /^([a-z_]+(?:\{.*\})?) ([0-9.e+-]+|\+Inf)$/.exec(line);
      if (found === null) throw new Error(`no series: ${line}`);
      return [found[1]!, Number(found[2]!)];
    }),
  );
}

async function makeRun(pipeline: string, ...more: readonly string[]): Promise<readonly string[]> {
  return ["run", await makeFile("p.trickle", pipeline), "--in", "-", "--status", "127.0.0.1:0", ...more];
}

describe("--status", () => {
  it("serves metrics of the run and of its breakers", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(503).end());
    const running = start(
      ...(await makeRun(GUARDED, "--out", endpoint.url, "--endpoint", "pay", "--linger", "0")),
    );
    running.feed(numbered(3));
    running.child.stdin.write("oops\n");
    const url = await addressOf(running);
    await vi.waitFor(async () => {
      const response = await fetch(`${url}metrics`);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      const series = seriesIn(await response.text());
      expect(series.get('bluesmoke_run_events_read_total{source="stdin"}')).toBe(4);
      expect(series.get('bluesmoke_run_events_total{disposition="err"}')).toBe(1);
      expect(series.get('bluesmoke_run_events_total{disposition="delivered"}')).toBe(0);
      expect(series.get("bluesmoke_run_events_in_flight")).toBe(3);
      expect(series.get("bluesmoke_run_events_resent_total")).toBeGreaterThan(0);
      const sink = `{port="out",sink="${endpoint.url}"`;
      expect(series.get(`bluesmoke_run_sink_responses_total${sink},status="503"}`)).toBeGreaterThan(0);
      expect(series.get('bluesmoke_circuit_breaker_openings_total{name="pay"}')).toBeGreaterThan(0);
      expect(series.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
    }, PATIENCE);
    endpoint.answering = ok;
    running.child.stdin.end();
    expect((await running.ended).stdout).toContain("3 delivered");
    await expect(fetch(url)).rejects.toThrow();
  });

  it("is alive and ready while the run goes on, and not ready while it stops", async () => {
    const endpoint = await Endpoint.open(() => {});
    const running = start(...(await makeRun(OPEN_ROAD, "--out", endpoint.url, "--timeout", "60000")));
    const url = await addressOf(running);
    const statusOf = async (path: string) => {
      const response = await fetch(`${url}${path}`);
      return [response.status, await response.json()];
    };
    await vi.waitFor(
      async () => expect(await statusOf("health")).toEqual([200, { status: "ok", reasons: [] }]),
      PATIENCE,
    );
    expect(await statusOf("health/ready")).toEqual([200, { status: "ok", reasons: [] }]);
    running.feed(numbered(1));
    await endpoint.arrival(1);
    running.child.kill("SIGTERM");
    const stopping = { status: "unavailable", reasons: ["the run is stopping"] };
    await vi.waitFor(async () => expect(await statusOf("health/ready")).toEqual([503, stopping]), PATIENCE);
    expect(await statusOf("health/live")).toEqual([200, { status: "ok", reasons: [] }]);
    endpoint.answering = ok;
    endpoint.release();
    expect((await running.ended).code).toBe(143);
  });

  it("answers what is not there, and what it does not take", async () => {
    const running = start(...(await makeRun(OPEN_ROAD, "--out", "null:")));
    const url = await addressOf(running);
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(`${url}metrics`, { method: "POST" })).status).toBe(405);
    const head = await fetch(`${url}health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    running.child.stdin.end();
    await running.ended;
  });

  it("shares a server with the dashboard at the same address", async () => {
    const running = start(
      ...(await makeRun(OPEN_ROAD, "--out", "null:")).map((arg) => arg),
      "--dashboard",
      "127.0.0.1:0",
    );
    const url = await addressOf(running);
    expect(running.stderr).toContain(`dashboard at ${url}`);
    expect(await (await fetch(url)).text()).toContain("<html");
    expect((await fetch(`${url}health`)).status).toBe(200);
    running.child.stdin.end();
    await running.ended;
  });

  it("refuses an address that is in use, before an event moves, and warns of one that others reach", async () => {
    const endpoint = await Endpoint.open();
    const { host } = new URL(endpoint.url);
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const run = ["run", pipeline, "--in", "-", "--out", "null:"];
    const inUse = await bluesmoke(...run, "--status", host);
    expect(inUse).toMatchObject({ code: 4, stderr: expect.stringContaining("the port is in use") });
    const open = await bluesmoke(...run, "--status", "0.0.0.0:0");
    expect(open.stderr).toContain(
      "warning: anyone who can reach http://0.0.0.0:0 can read health and metrics",
    );
  });
});
