/** A pipeline with a log, whose time is a variable. */
import { mkdtempSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { Graph } from "../../../src/flow/graph/graph.ts";
import { compile } from "../../../src/trickle/compile.ts";
import { walOperator } from "../../../src/wal/definition.ts";
import { HandSink, sum } from "../../flow/graph-fixture.ts";

/** A folder that is there until the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bluesmoke-wal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface FlowOptions {
  readonly folder: string;
  /** Options of the log besides `dir`, each with a comma before it. Default: none. */
  readonly options?: string;
  /** Options of a breaker behind it. Default: there is none. */
  readonly breaker?: string;
}

/** `in → log → out`, with a breaker behind the log if one is wanted. */
export function pipelineOf({ folder, options = "", breaker = "" }: FlowOptions): string {
  const guard =
    breaker === "" ? "" : `define qos::circuit_breaker operator cb with ${breaker} end; create operator cb;`;
  const behind =
    breaker === ""
      ? "select event from log into out;"
      : "select event from log into cb; select event from cb into out; select event from cb/overflow into out/overflow;";
  return `define qos::wal operator log with dir = ${JSON.stringify(folder)}${options} end; create operator log;
    ${guard} select event from in into log; ${behind}
    select event from log/expired into out/expired; select event from log/err into out/err;`;
}

export class LoggedFlow {
  readonly graph: Graph;
  readonly out = new HandSink("hold", "out");
  readonly overflow = new HandSink("ack", "overflow");
  /** Lines about what is damaged or cannot be written. */
  readonly problems: string[] = [];
  nowMs = 1_000;
  #isStopped = false;

  /** Not started. */
  constructor(options: FlowOptions, text = pipelineOf(options)) {
    const operators = [walOperator({ onProblem: (line) => this.problems.push(line), now: () => this.nowMs })];
    const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => this.nowMs });
    this.graph = compile(text, { operators }).deploy({ registry });
    this.graph.attach("out", this.out);
    if (options.breaker !== undefined) this.graph.attach("overflow", this.overflow);
  }

  /** Runs until the test ends, or `stop`. */
  static async start(options: FlowOptions): Promise<LoggedFlow> {
    const flow = new LoggedFlow(options);
    await flow.start();
    return flow;
  }

  async start(): Promise<void> {
    onTestFinished(() => this.stop().catch(() => {}));
    await this.graph.start(this.nowMs, () => this.nowMs);
  }

  push(data: unknown, text?: string): void {
    this.graph.push(0, text === undefined ? { data } : { data, text }, this.nowMs);
  }

  /** As much of what waits for files as can happen, and ticks. */
  async turn(laterMs = 0): Promise<void> {
    this.nowMs += laterMs;
    for (let i = 0; i < 12; i++) {
      await stat(tmpdir()); // behind what the log has asked of the file system
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.graph.signal({ kind: "tick", atMs: this.nowMs });
    }
  }

  /** Ticks a second apart until it is so, at most 50. */
  async turnUntil(isSo: () => boolean): Promise<void> {
    for (let tick = 0; tick < 50 && !isSo(); tick++) await this.turn(1_000);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.graph.stopRetrying();
    await this.graph.close();
  }

  /** 0: every event is in one place. See `Accounting`. */
  get balance(): number {
    const { read, recovered, forked, waiting } = this.graph.accounting;
    return read + recovered + forked - sum(this.graph.accounting) - waiting;
  }
}
