import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { Client } from "../../connect/support/client.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, bluesmokeOn, ndjson, numbered, parsed, type Running, start } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** What it listens at, once there are so many. */
async function addressesOf(running: Running, count: number): Promise<string[]> {
  for (;;) {
    const found = [...running.stderr.matchAll(/^listening at (\S+)$/gm)].map(([, address]) => address ?? "");
    if (found.length === count) return found;
    await once(running.child.stderr, "data");
  }
}

describe("bluesmoke run with several sources", () => {
  it("reads all of them, ends when all have ended, and says what each one gave", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const one = await makeFile("one.ndjson", ndjson(numbered(3_000)));
    const two = await makeFile("two.ndjson", `${ndjson(numbered(1_999, 3_000))}no\n`);
    const { code, stdout, stderr } = await bluesmokeOn(
      ndjson(numbered(10, 5_000)),
      ...["run", pipeline, "--in", one, "--in", "-", "--in", two, "--out", "-"],
    );
    const ids = (parsed(stdout) as { id: number }[]).map(({ id }) => id);
    expect(ids.toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 4_999 }, (_, id) => id),
      ...Array.from({ length: 10 }, (_, id) => 5_000 + id),
    ]);
    expect(stderr).toMatch(/^5,010 read from 3 sources in /m);
    expect(stderr).toContain(`  3,000 from ${one}\n     10 from stdin\n  2,000 from ${two}\n`);
    expect(stderr).toContain("accounted for: all 5,010");
    expect(code).toBe(1);
  });

  it("keeps the order of each source", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const paths = [
      await makeFile("one.ndjson", ndjson(numbered(2_000))),
      await makeFile("two.ndjson", ndjson(numbered(2_000, 10_000))),
    ];
    const sources = paths.flatMap((path) => ["--in", path]);
    const { stdout } = await bluesmoke("run", pipeline, ...sources, "--out", "-", "--quiet");
    const ids = (parsed(stdout) as { id: number }[]).map(({ id }) => id);
    for (const [from, to] of [
      [0, 10_000],
      [10_000, 20_000],
    ] as const) {
      const own = ids.filter((id) => id >= from && id < to);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      expect(own.length).toBe(2_000);
    }
  });

  it("serves several listeners at once, with the limits that it is given, until it is stopped", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const sources = ["--in", "listen:http://127.0.0.1:0/in", "--in", "listen:tcp://127.0.0.1:0"];
    const running = start("run", pipeline, ...sources, "--out", "-", "--json", "--max-body", "100");
    const [http = "", tcp = ""] = await addressesOf(running, 2);
    const client = new Client(http);
    expect(await client.post(ndjson(numbered(100)))).toMatchObject({ status: 413 });
    expect(await client.post(ndjson(numbered(5)))).toMatchObject({ status: 202 });
    const socket = connect(Number(new URL(tcp).port), "127.0.0.1");
    socket.end(ndjson(numbered(7, 5)));
    await once(socket.resume(), "close");
    while (parsed(running.stdout).length < 12) await once(running.child.stdout, "data");
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      end: "interrupted",
      source: `${http}, ${tcp}`,
      sources: [
        { name: http, read: 5, answers: { 202: 1, 413: 1 } },
        { name: tcp, read: 7 },
      ],
      events: { read: 12, delivered: 12 },
    });
    expect(code).toBe(130);
  });

  it("ends for all with the error of one, and accounts for what was read", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start(
      ...["run", pipeline, "--in", "-", "--in", "tcp://127.0.0.1:1", "--reconnects", "1", "--no-probe"],
      ...["--out", "-"],
    );
    running.feed(numbered(10));
    const { code, stdout, stderr } = await running.ended;
    expect(parsed(stdout)).toEqual(numbered(10));
    expect(stderr).toContain("failed before the end of stdin, tcp://127.0.0.1:1");
    expect(stderr).toContain("accounted for: all 10");
    expect(code).toBe(4);
  });
});

describe("bluesmoke run --seed", () => {
  it("draws the same jitter again, and another one without it or with another seed", async () => {
    const pipeline = await makeFile(
      "p.trickle",
      `define qos::circuit_breaker operator cb
      with
        detector = { "kind": "consecutive_failures", "failures": 1 },
        backoff = { "kind": "exponential", "initial_ms": 80000000, "maximum_ms": 80000000 }
      end;
      create operator cb;
      select event from in into cb/err;
      select event from cb/cb into out;\n`,
    );
    const delayWith = async (...seed: string[]): Promise<unknown> => {
      const { stdout } = await bluesmokeOn(
        "{}\n",
        "run",
        pipeline,
        "--in",
        "-",
        "--out",
        "-",
        "--quiet",
        ...seed,
      );
      return (parsed(stdout)[0] as { delay_ms: number }).delay_ms;
    };
    const [first, again, other, none] = await Promise.all([
      delayWith("--seed", "7"),
      delayWith("--seed", "7"),
      delayWith("--seed", "8"),
      delayWith(),
    ]);
    expect(first).toBe(again);
    expect(new Set([first, other, none]).size).toBe(3);
  });
});
