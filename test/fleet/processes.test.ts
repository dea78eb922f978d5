/** Twenty processes of the built package on each store, whose clocks lie ten minutes apart; the stores die in the middle. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled, type Server, startNats, startRedis, until } from "../brokers/support/servers.ts";

const MACHINES = 20;
const PROGRAM = join(import.meta.dirname, "machine.mjs");
const STORES = [
  ["redis", "redis-server", startRedis],
  ["nats", "nats-server", startNats],
] as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Kind = (typeof STORES)[number][0];

interface Said {
  readonly kind: Kind;
  readonly started?: true;
  readonly opened?: string;
  readonly closed?: boolean;
  readonly failed?: number;
  readonly succeeded?: number;
  readonly exchanges?: number;
}

/** A process, and a store for each fleet that it is in. */
class Machine {
  readonly #child: ChildProcess;
  readonly #said: { readonly atMs: number; readonly what: Said }[] = [];

  constructor(servers: ReadonlyMap<Kind, Server>, at: number) {
    const stores = [...servers].flatMap(([kind, { port }]) => [kind, `${port}`]);
    this.#child = fork(PROGRAM, [at % 2 ? "600000" : "-600000", ...stores], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (what: Said) => this.#said.push({ atMs: performance.now(), what }));
  }

  tell(kind: Kind, what: "up" | "down" | "report"): void {
    this.#child.send({ kind, what });
  }

  /** When it said that first after a time; Infinity: not yet. */
  when(kind: Kind, of: keyof Said, sinceMs = 0): number {
    return this.#first(kind, of, sinceMs)?.atMs ?? Infinity;
  }

  async report(kind: Kind): Promise<Said> {
    const sinceMs = performance.now();
    this.tell(kind, "report");
    await until("a report", () => this.#first(kind, "exchanges", sinceMs));
    return this.#first(kind, "exchanges", sinceMs)!.what;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  #first(kind: Kind, of: keyof Said, sinceMs: number) {
    return this.#said.find(
      ({ atMs, what }) => what.kind === kind && atMs >= sinceMs && what[of] !== undefined,
    );
  }
}

/** An outage of the endpoint, and then of the store, for the fleet of one store. */
async function play(kind: Kind, server: Server, machines: readonly Machine[]): Promise<void> {
  const tellAll = (what: "up" | "down") => {
    for (const machine of machines) machine.tell(kind, what);
  };
  const all = (of: keyof Said, sinceMs: number) =>
    machines.every((machine) => machine.when(kind, of, sinceMs) < Infinity);
  const downMs = performance.now();
  tellAll("down");
  await until(`${kind}: all are open`, () => all("opened", downMs), 20_000);
  const times = machines
    .map((machine) => machine.when(kind, "opened", downMs) - downMs)
    .sort((a, b) => a - b);
  const reports = await Promise.all(machines.map((machine) => machine.report(kind)));
  const failed = reports.reduce((sum, report) => sum + report.failed!, 0);
  console.log(
    `${kind}: ${MACHINES} open after ${times.map((ms) => Math.round(ms)).join(" ")} ms, ${failed} failed`,
  );
  expect(times[MACHINES - 1]).toBeLessThan(8_000); // 4 s where the machine has nothing else to do
  expect(failed).toBeLessThan(120);
  await server.kill();
  await pause(1_000);
  const upMs = performance.now();
  tellAll("up");
  await until(`${kind}: all are closed`, () => all("closed", upMs), 40_000);
}

describe("twenty processes", () => {
  it.skipIf(!STORES.every(([, program]) => isInstalled(program)))(
    "open within seconds of an outage, with few failed calls, and heal without the store",
    async () => {
      const servers = new Map<Kind, Server>();
      const machines: Machine[] = [];
      try {
        for (const [kind, , start] of STORES) servers.set(kind, await start());
        for (let at = 0; at < MACHINES; at++) machines.push(new Machine(servers, at));
        const kinds = [...servers.keys()];
        const isStarted = (machine: Machine) =>
          kinds.every((kind) => machine.when(kind, "started") < Infinity);
        await until("all machines", () => machines.every(isStarted), 60_000);
        await pause(2_000);
        // At the same time: they wait more than they work.
        await Promise.all([...servers].map(([kind, server]) => play(kind, server, machines)));
      } finally {
        for (const machine of machines) machine.end();
        for (const server of servers.values()) await server.end();
      }
    },
    120_000,
  );
});
