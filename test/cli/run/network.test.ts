import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { Client } from "../../connect/support/client.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { LineServer } from "../../connect/support/lineserver.ts";
import { bluesmoke, ndjson, numbered, parsed, type Running, start } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** Opens at the first failure, and for so long that the test does not see it close; then the source waits. */
const PAUSED = `define qos::circuit_breaker operator cb
with
  detector = { "kind": "consecutive_failures", "failures": 1 },
  backoff = { "kind": "constant", "delay_ms": 600000 },
  method = "pause"
end;
create operator cb;
select event from in into cb;
select event from cb into out;
`;

/** The URL that the command listens at. */
async function addressOf(running: Running): Promise<string> {
  for (;;) {
    const found = /^listening at (\S+)$/m.exec(running.stderr)?.[1];
    if (found !== undefined) return found;
    await once(running.child.stderr, "data");
  }
}

describe("bluesmoke run", () => {
  it("takes events that are posted, until it is stopped, and loses none", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start("run", pipeline, "--in", "listen:http://127.0.0.1:0/in", "--out", "-", "--json");
    const client = new Client(await addressOf(running));
    expect(client.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/in$/);
    const events = numbered(500);
    expect(await client.post(`${ndjson(events)}no\n`)).toMatchObject({
      status: 202,
      body: { accepted: 500, malformed: 1 },
    });
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect(parsed(stdout)).toEqual(events);
    expect(stderr).toContain("malformed: line 501");
    expect(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      end: "interrupted",
      source: client.url,
      sources: [{ name: client.url, read: 501, answers: { 202: 1 } }],
      events: { read: 501, delivered: 500, err: 1 },
      unaccounted: 0,
    });
    expect(code).toBe(130);
  });

  it("turns clients away while its breaker is open, and says for how long", async () => {
    const server = await LineServer.open();
    await server.die();
    const pipeline = await makeFile("p.trickle", PAUSED);
    const url = `http://127.0.0.1:${server.port}/`;
    const running = start("run", pipeline, "--in", "listen:http://127.0.0.1:0", "--out", url, "--no-probe");
    const client = new Client(await addressOf(running));
    let reply = await client.post("{}");
    while (reply.status === 202) reply = await client.post("{}");
    expect(reply.status).toBe(503);
    const seconds = Number(reply.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThanOrEqual(600);
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(stdout).toMatch(/^requests answered at http:\/\/127\.0\.0\.1:\d+\/: .*503 \(1\)/m);
    expect(code).toBe(143);
  });

  it("takes lines from whoever connects, and writes lines to a server", async () => {
    const server = await LineServer.open();
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start("run", pipeline, "--in", "listen:tcp://127.0.0.1:0", "--out", server.spec);
    const { port } = new URL(await addressOf(running));
    const events = numbered(5_000);
    connect(Number(port), "127.0.0.1").end(ndjson(events));
    await server.until(() => server.events.length === events.length);
    expect(server.events).toEqual(events);
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("5,000 delivered");
    expect(code).toBe(130);
  });

  it("ends with a server that ends, under --reconnects 0", async () => {
    const events = numbered(100);
    const server = await LineServer.open((socket) => socket.end(ndjson(events)));
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const ended = await bluesmoke(
      "run",
      pipeline,
      "--in",
      server.spec,
      "--out",
      "-",
      "--reconnects",
      "0",
      "--quiet",
    );
    expect(parsed(ended.stdout)).toEqual(events);
    expect(ended.code).toBe(0);
  });

  it("says that a server was lost for good, and prints the summary", async () => {
    const from = await LineServer.open((socket) => socket.write("1\n"));
    const to = await LineServer.open();
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start("run", pipeline, "--in", from.spec, "--out", to.spec, "--reconnects", "0");
    await to.until(() => to.text === "1\n");
    for (const socket of from.sockets) socket.resetAndDestroy();
    const ended = await running.ended;
    expect(ended.stderr).toMatch(/^error: tcp:\/\/127\.0\.0\.1:\d+: was lost: .*\nstart again when/m);
    expect(ended.stdout).toContain("1 delivered");
    expect(ended.code).toBe(4);
  });
});
