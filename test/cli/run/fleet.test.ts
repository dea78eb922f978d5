import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore } from "../../../src/brokers/fleet/open-store.ts";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { joinFleet } from "../../../src/fleet/fleet.ts";
import { isInstalled, type Server, startNats, startRedis, until } from "../../brokers/support/servers.ts";
import { Endpoint } from "../../connect/support/endpoint.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, MAIN, ndjson, numbered, start } from "../support/command.ts";

const GUARDED = `define qos::circuit_breaker operator cb; create operator cb;
select event from in into cb; select event from cb into out; select event from cb/overflow into out/overflow;`;
const ROUNDS = "everyMs=100";

/** Another machine of the fleet, in this process. */
async function machineAt(spec: string) {
  const registry = new CircuitBreakerRegistry();
  const { store, options, close } = await openStore(spec, { probe: true });
  const fleet = joinFleet(registry, { ...options, store });
  onTestFinished(() => {
    fleet.leave();
    close();
  });
  return { fleet, breaker: registry.get("pay") };
}

async function serverOf(startServer: () => Promise<Server>): Promise<Server> {
  const server = await startServer();
  onTestFinished(() => server.end());
  return server;
}

describe.each([
  ["redis", "redis-server", startRedis],
  ["nats", "nats-server", startNats],
] as const)("bluesmoke run --fleet %s://", (scheme, program, startServer) => {
  const runIf = it.skipIf(!isInstalled(program));

  runIf(
    "opens with the others, obeys their switches, and goes on when the store is gone",
    async () => {
      const server = await serverOf(startServer);
      const spec = `${scheme}://127.0.0.1:${server.port}/test?${ROUNDS}`;
      const endpoint = await Endpoint.open((response) => response.writeHead(503).end());
      const pipeline = await makeFile("p.trickle", GUARDED);
      const run = start(
        ...["run", pipeline, "--in", "-", "--out", endpoint.url, "--fleet", spec, "--endpoint", "pay"],
        ...["--retries", "0", "--batch-size", "1", "--status", "127.0.0.1:0", "--json"],
      );
      await until("a start", () => run.stderr.includes("status at "));
      expect(run.stderr).toContain(`fleet at ${scheme}://127.0.0.1:${server.port}/test as machine `);
      const others = [await machineAt(spec), await machineAt(spec)];
      // No machine has the calls that a breaker alone needs.
      for (const { breaker } of others) for (let i = 0; i < 8; i++) breaker.onFailure(breaker.tryAcquire());
      run.feed(numbered(8));
      await until("the verdict", () =>
        /breaker pay opened: .*FleetVerdict: 3 of 3 machines/.test(run.stderr),
      );
      await others[0]!.fleet.forceOpen("pay");
      await until(
        "the switch",
        () => run.stderr.includes("forced_open") || run.stderr.includes("told to stop"),
      );

      const metrics = async () => {
        const url = /status at (\S+)health/.exec(run.stderr)![1]!;
        return (await fetch(`${url}metrics`)).text();
      };
      expect(await metrics()).toMatch(/^bluesmoke_run_fleet_exchanges_total\{result="completed"\} [1-9]/m);
      expect(await metrics()).toMatch(/^bluesmoke_run_fleet_opened_total 1$/m);
      await server.kill();
      await until("the loss", () =>
        run.stderr.includes("warning: fleet: the store is lost, breakers act alone: "),
      );
      await server.start();
      await until("the return", () => run.stderr.includes("fleet: the store answers again"));
      run.child.stdin.end();
      const { stdout, code } = await run.ended;
      const { fleet } = JSON.parse(stdout);
      expect(fleet).toMatchObject({
        opened: 1,
        refused: 0,
        store: `${scheme}://127.0.0.1:${server.port}/test`,
      });
      expect(fleet.exchanges).toBeGreaterThan(3);
      expect(fleet.failed).toBeGreaterThan(0);
      expect(code).toBe(1);
    },
    60_000,
  );

  it("says that the store cannot be reached, without the password", async () => {
    const pipeline = await makeFile("p.trickle", GUARDED);
    const { code, stderr } = await bluesmoke(
      ...["run", pipeline, "--in", "-", "--out", "null:", "--overflow", "null:"],
      ...["--fleet", `${scheme}://ann:hunter2@127.0.0.1:1`],
    );
    expect(stderr).toMatch(
      new RegExp(`^error: ${scheme}://ann:\\*\\*\\*@127.0.0.1:1: cannot be (used|reached): `, "m"),
    );
    expect(stderr).not.toContain("hunter2");
    expect(code).toBe(4);
  });

  it("starts without the store under --no-probe, and counts what failed", async () => {
    const pipeline = await makeFile("p.trickle", GUARDED);
    const run = start(
      ...["run", pipeline, "--in", "-", "--out", "null:", "--overflow", "null:", "--no-probe"],
      ...["--fleet", `${scheme}://127.0.0.1:1/x?${ROUNDS}`],
    );
    run.feed(numbered(2));
    await until("a warning", () => run.stderr.includes("fleet: the store is lost"));
    run.child.stdin.end();
    const { stdout, code } = await run.ended;
    expect(stdout).toMatch(/^fleet at \S+\/x: 0 exchanges, \d+ failed \(.*\); it opened 0 breakers here$/m);
    expect(code).toBe(0);
  });

  it("says which package is missing", async () => {
    const folder = await makeFolder();
    cpSync(dirname(MAIN), join(folder, "dist/cli"), { recursive: true });
    cpSync(join(import.meta.dirname, "../../../package.json"), join(folder, "package.json"));
    const pipeline = await makeFile("p.trickle", GUARDED);
    const { stderr, status } = spawnSync(
      process.execPath,
      [
        ...[
          join(folder, "dist/cli/main.js"),
          "run",
          pipeline,
          "--in",
          "-",
          "--out",
          "null:",
          "--overflow",
          "null:",
        ],
        ...["--fleet", `${scheme}://127.0.0.1:1`],
      ],
      { encoding: "utf8", input: "" },
    );
    const packages = scheme === "redis" ? "redis" : "@nats-io/transport-node @nats-io/kv";
    expect(stderr).toContain(`error: ${scheme}://127.0.0.1:1: needs ${packages}\nnpm install ${packages}`);
    expect(status).toBe(4);
  });
});

describe("bluesmoke run --fleet", () => {
  it.skipIf(!isInstalled("redis-server"))("shares the breakers of several workers", async () => {
    const server = await serverOf(startRedis);
    const pipeline = await makeFile("p.trickle", GUARDED);
    const source = await makeFile("in.ndjson", ndjson(numbered(5_000)));
    const { stdout, stderr, code } = await bluesmoke(
      ...["run", pipeline, "--in", source, "--out", "null:", "--overflow", "null:", "--workers", "2"],
      ...["--fleet", `redis://127.0.0.1:${server.port}`],
    );
    expect(stderr).toContain(`fleet at redis://127.0.0.1:${server.port} as machine `);
    expect(stdout).toContain(`fleet at redis://127.0.0.1:${server.port}: `);
    expect(stdout).toContain("accounted for: all 5,000");
    expect(code).toBe(0);
  });

  it("refuses a URL that is none", async () => {
    const { code, stderr } = await bluesmoke("run", "p", "--in", "-", "--fleet", "http://a:hunter2@b");
    expect(stderr).toMatch(/'--fleet <url>' argument '\*\*\*' is invalid\. It must be redis:\/\/host:port/);
    expect(code).toBe(2);
  });
});
