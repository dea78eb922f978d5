/** Twenty processes of the built package on one store, whose clocks lie ten minutes apart; the store dies in the middle. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled, startNats, startRedis, until } from "../brokers/support/servers.ts";

const MACHINES = 20;
const PROGRAM = join(import.meta.dirname, "machine.mjs");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Said {
  readonly started?: number;
  readonly opened?: string;
  readonly closed?: boolean;
  readonly failed?: number;
  readonly succeeded?: number;
  readonly exchanges?: number;
}

class Machine {
  readonly #child: ChildProcess;
  readonly said: { readonly atMs: number; readonly what: Said }[] = [];

  constructor(kind: string, port: number, at: number) {
    const shift = at % 2 ? 600_000 : -600_000;
    this.#child = fork(PROGRAM, [kind, `${port}`, `${shift}`], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (what: Said) => this.said.push({ atMs: performance.now(), what }));
  }

  tell(message: "up" | "down" | "report"): void {
    this.#child.send(message);
  }

  /** When it said that first after a time; Infinity: not yet. */
  when(of: keyof Said, sinceMs = 0): number {
    return this.said.find(({ atMs, what }) => atMs >= sinceMs && what[of] !== undefined)?.atMs ?? Infinity;
  }

  async report(): Promise<Said> {
    const before = this.said.length;
    this.tell("report");
    await until("a report", () => this.said.slice(before).some(({ what }) => what.exchanges !== undefined));
    return this.said.slice(before).find(({ what }) => what.exchanges !== undefined)!.what;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}

describe.each([
  ["redis", "redis-server", startRedis],
  ["nats", "nats-server", startNats],
] as const)("twenty processes on %s", (kind, program, start) => {
  it.skipIf(!isInstalled(program))(
    "open within seconds of an outage, with few failed calls, and heal without the store",
    async () => {
      const server = await start();
      const machines = Array.from({ length: MACHINES }, (_, at) => new Machine(kind, server.port, at));
      try {
        const all = (of: keyof Said, sinceMs = 0) =>
          machines.every((machine) => machine.when(of, sinceMs) < Infinity);
        await until("all machines", () => all("started"), 60_000);
        await pause(4_000);
        const downMs = performance.now();
        for (const machine of machines) machine.tell("down");
        await until("all are open", () => all("opened", downMs), 20_000);
        const times = machines
          .map((machine) => machine.when("opened", downMs) - downMs)
          .sort((a, b) => a - b);
        const reports = await Promise.all(machines.map((machine) => machine.report()));
        const failed = reports.reduce((sum, report) => sum + report.failed!, 0);
        console.log(
          `${kind}: ${MACHINES} open after ${times.map((ms) => Math.round(ms)).join(" ")} ms, ${failed} failed`,
        );
        expect(times[MACHINES - 1]).toBeLessThan(8_000); // 4 s where the machine has nothing else to do
        expect(failed).toBeLessThan(120);
        await server.kill();
        await pause(1_000);
        const upMs = performance.now();
        for (const machine of machines) machine.tell("up");
        await until("all are closed", () => all("closed", upMs), 40_000);
      } finally {
        for (const machine of machines) machine.end();
        await server.end();
      }
    },
    120_000,
  );
});
