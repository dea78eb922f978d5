import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, bluesmokeOn, ndjson, numbered, start } from "../support/command.ts";
import { MortalServer } from "../support/mortal.ts";

/** A log before a breaker that opens at the third failure in a row, for a fifth of a second. */
function pipelineWith(queue: string, options = ""): string {
  return `define qos::wal operator log with dir = ${JSON.stringify(queue)}${options} end;
create operator log;
define qos::circuit_breaker operator guard
with
  detector = { "kind": "consecutive_failures", "failures": 3 },
  backoff = { "kind": "constant", "delay_ms": 200 }
end;
create operator guard;
select event from in into log;
select event from log into guard;
select event from guard into out;
select event from guard/overflow into out/overflow;
`;
}

async function fixture(options = "") {
  const queue = join(await makeFolder(), "queue");
  return { queue, pipeline: await makeFile("p.trickle", pipelineWith(queue, options)) };
}

interface LogReport {
  readonly waiting: number;
  readonly process?: number;
}

async function inspect(queue: string): Promise<LogReport> {
  return JSON.parse((await bluesmoke("wal", queue, "--json")).stdout);
}

/** Asks until it is so, for at most 20 s. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not come to be so");
}

const idsOf = (events: readonly unknown[]): number[] => events.map((event) => (event as { id: number }).id);

describe("bluesmoke run with a log", () => {
  it("delivers everything although the endpoint is down for a while and a breaker refuses", async () => {
    const { queue, pipeline } = await fixture();
    const server = await MortalServer.open();
    const refused = join(queue, "../refused.ndjson");
    const running = start("run", pipeline, "--in", "-", "--out", server.url, "--overflow", refused, "--json");
    running.feed(numbered(100));
    await until(() => server.events.length >= 100);
    await server.die();
    running.feed(numbered(400, 100));
    await until(() => running.stderr.includes("breaker guard opened"));
    running.child.stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.live();
    const { code, stdout } = await running.ended;
    const { events, waiting, unaccounted } = JSON.parse(stdout);
    expect({ ...events, waiting, unaccounted }).toMatchObject({
      read: 500,
      delivered: 500,
      overflow: 0,
      failed: 0,
      waiting: 0,
      unaccounted: 0,
    });
    expect(new Set(idsOf(server.events)).size).toBe(500);
    expect(await readFile(refused, "utf8").catch(() => "")).toBe("");
    expect(code).toBe(0);
  }, 60_000);

  it("delivers after kill -9 what it had taken, with the text as it came", async () => {
    const { queue, pipeline } = await fixture();
    const server = await MortalServer.open();
    const first = start("run", pipeline, "--in", "-", "--out", server.url, "--no-probe");
    first.feed(numbered(50));
    await until(() => server.events.length >= 50);
    await server.die();
    first.child.stdin.write(ndjson(numbered(300, 50)));
    first.child.stdin.write('{"id":1000, "exact":1.50e0}\n');
    await until(async () => (await inspect(queue)).waiting >= 301);
    expect((await inspect(queue)).process).toBe(first.child.pid);
    first.child.kill("SIGKILL");
    await first.ended;
    expect((await inspect(queue)).process).toBeUndefined();
    const printed = await bluesmoke("wal", queue, "--print");
    expect(printed.stdout.trimEnd().split("\n").at(-1)).toBe('{"id":1000, "exact":1.50e0}');

    const out = join(queue, "../out.ndjson");
    const { code, stdout } = await bluesmokeOn("", "run", pipeline, "--in", "-", "--out", out, "--json");
    const { events, recovered, waiting, unaccounted } = JSON.parse(stdout);
    const text = await readFile(out, "utf8");
    expect({ code, read: events.read, waiting, unaccounted }).toEqual({
      code: 0,
      read: 0,
      waiting: 0,
      unaccounted: 0,
    });
    expect(events.delivered).toBe(recovered);
    const ids = idsOf([
      ...server.events,
      ...text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ]);
    expect(new Set(ids)).toEqual(new Set([...numbered(350).map(({ id }) => id), 1_000]));
    expect(text).toContain('{"id":1000, "exact":1.50e0}\n');
  }, 60_000);

  it("leaves what cannot be delivered in the log, says so, and ends with 1", async () => {
    const { queue, pipeline } = await fixture(", drain_timeout = 300000000");
    const { code, stdout } = await bluesmokeOn(
      ndjson(numbered(20)),
      ...["run", pipeline, "--in", "-", "--out", "http://127.0.0.1:9/", "--no-probe"],
    );
    expect(stdout).toContain(`  20 waiting in the log ${queue}: the next run sends them`);
    expect(stdout).toContain("accounted for: all 20");
    expect(code).toBe(1);
    expect((await inspect(queue)).waiting).toBe(20);
    const again = await bluesmokeOn("", "run", pipeline, "--in", "-", "--out", "null");
    expect(again.stdout).toContain("  20 delivered");
    expect([again.code, (await inspect(queue)).waiting]).toEqual([0, 0]);
  }, 60_000);

  it("does not start while another process has the log, and names it", async () => {
    const { queue, pipeline } = await fixture();
    const running = start("run", pipeline, "--in", "-", "--out", "null");
    running.feed(numbered(1));
    await until(async () => (await inspect(queue).catch(() => undefined))?.process !== undefined);
    const { code, stderr } = await bluesmokeOn("", "run", pipeline, "--in", "-", "--out", "null");
    expect(stderr).toContain(
      `${queue}: the log cannot be opened: the log is in use by process ${running.child.pid}`,
    );
    expect(code).toBe(4);
    running.child.stdin.end();
    expect((await running.ended).code).toBe(0);
  }, 60_000);

  it("touches no folder when a pipeline is only checked", async () => {
    const { queue, pipeline } = await fixture();
    expect((await bluesmoke("check", pipeline)).code).toBe(0);
    expect((await bluesmoke("wal", queue)).code).toBe(4);
  });
});
