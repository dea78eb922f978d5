/** A real HTTP server that goes through a scenario, and counts what it had to bear. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Phase, PhaseKind, Scenario } from "./scenario.ts";

/** What came while a phase was on. */
export interface PhaseCount extends Phase {
  readonly requests: number;
  /** Lines in them. */
  readonly events: number;
}

const LINE_FEED = 10;
/** Longer than any breaker of the demo stays open: a connection that is idle meanwhile can be used again. */
const KEEP_ALIVE_MS = 60_000;

export class FlakyServer {
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #counts: { kind: PhaseKind; seconds: number; requests: number; events: number }[];
  readonly #onPhase: (index: number) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Requests that hang. */
  #held: ServerResponse[] = [];
  #index = 0;
  #port = 0;

  private constructor(scenario: Scenario, onPhase: (index: number) => void) {
    this.#counts = scenario.map((phase) => ({ ...phase, requests: 0, events: 0 }));
    this.#onPhase = onPhase;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /** Listens on a free port of 127.0.0.1. @param onPhase called when a phase begins. */
  static async open(scenario: Scenario, onPhase: (index: number) => void): Promise<FlakyServer> {
    const server = new FlakyServer(scenario, onPhase);
    await server.#listen();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** By phase, so far. */
  get counts(): readonly PhaseCount[] {
    return this.#counts.map((count) => ({ ...count }));
  }

  /** The first phase begins. Until now, it has been on without being timed. */
  begin(): void {
    let startMs = 0;
    for (const [index, { seconds }] of this.#counts.entries()) {
      this.#timers.push(setTimeout(() => void this.#enter(index), startMs));
      startMs += seconds * 1_000;
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#stop();
  }

  get #phase() {
    return this.#counts[this.#index]!; // a scenario has at least one phase, and only #enter sets the index
  }

  async #enter(index: number): Promise<void> {
    this.#index = index;
    this.#onPhase(index);
    for (const response of this.#held.splice(0)) this.#answer(response);
    if (this.#phase.kind === "refusing") await this.#stop();
    else if (!this.#server.listening) await this.#listen();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const phase = this.#phase;
    phase.requests++;
    try {
      for await (const chunk of request) phase.events += linesIn(chunk as Buffer);
      this.#answer(response);
    } catch {
      // The client has gone: there is no one to answer.
    }
  }

  #answer(response: ServerResponse): void {
    if (this.#phase.kind === "hanging") {
      this.#held.push(response);
      return;
    }
    response.statusCode = this.#phase.kind === "failing" ? 503 : 200;
    response.end();
  }

  async #listen(): Promise<void> {
    await once(this.#server.listen(this.#port, "127.0.0.1"), "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
