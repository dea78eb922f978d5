import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSink, openSource } from "../../src/connect/open.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { FlowEvent } from "../../src/flow/protocol/event.ts";
import { ReplaySource } from "../../src/flow/runtime/replay.ts";
import { runFlow } from "../../src/flow/runtime/run-flow.ts";
import { compile } from "../../src/trickle/compile.ts";
import { counts, HandSink, ListSource } from "../flow/graph-fixture.ts";

const FOLDER = new URL("../../examples/", import.meta.url);

function example(name: string): string {
  return readFileSync(new URL(`${name}.trickle`, FOLDER), "utf8");
}

/** A sink that fails what `fails` says, as slowly as `takesMs` says, and acks everything else at once. */
class Endpoint extends HandSink {
  fails: (data: unknown) => boolean = () => false;
  takesMs = 1;

  override onEvent(event: FlowEvent): void {
    this.events.push(event);
    if (this.fails(event.data)) this.context.fail(event, { error: "down" }, this.takesMs);
    else this.context.ack(event, this.takesMs);
  }
}

/** An example with an endpoint at every output. */
async function play(name: string) {
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
  const graph = compile(example(name)).deploy({ registry });
  const ports: Record<string, Endpoint> = {};
  for (const port of graph.outputs) {
    const endpoint = new Endpoint("hold", port);
    ports[port] = endpoint;
    graph.attach(port, endpoint);
  }
  await graph.start(0);
  const at = (port: string): Endpoint => ports[port] ?? expect.fail(`no port ${port}`);
  const push = (atMs: number, ...values: readonly unknown[]): void => {
    for (const data of values) graph.push(0, { data }, atMs);
  };
  return { registry, graph, at, push, accounting: () => counts(graph.accounting) };
}

describe("every example", () => {
  const names = readdirSync(FOLDER).filter((file) => file.endsWith(".trickle"));

  it.each(names.filter((name) => name !== "rfc-0005.trickle"))("%s compiles without a warning", (name) => {
    const { warnings } = compile(readFileSync(new URL(name, FOLDER), "utf8"));
    expect(warnings.map(({ message }) => message)).toEqual([]);
  });

  it("is there", () => {
    expect(names.length).toBeGreaterThan(6);
  });
});

describe("failover.trickle", () => {
  it("sends what the first endpoint refuses to the second, and returns to the first when it is back", async () => {
    const { at, push, accounting } = await play("failover");
    at("first").fails = () => true;
    push(0, 1, 2, 3, 4, 5);
    expect(at("second").data).toEqual([4, 5]);
    at("first").fails = () => false;
    push(2_000, 6, 7);
    expect([at("first").data, at("second").data]).toEqual([
      [1, 2, 3, 6, 7],
      [4, 5],
    ]);
    expect(accounting()).toEqual({ read: 7, delivered: 4, failed: 3, breakerEvents: 3 });
  });

  it("keeps what both refuse, and what the first one refuses because somebody has forced it open", async () => {
    const { at, push, registry } = await play("failover");
    for (const port of ["first", "second"]) at(port).fails = () => true;
    push(0, 1, 2, 3, 4, 5, 6, 7);
    expect(at("overflow").data).toEqual([7]);
    registry.get("second").reset(10);
    registry.get("first").forceOpen(10);
    push(20, 8);
    expect([at("overflow").data, at("second").data]).toEqual([
      [7, 8],
      [4, 5, 6],
    ]);
  });
});

describe("alert.trickle", () => {
  it("pages once when a host is given up, not when a probe fails, and tells when it is back", async () => {
    const { at, push } = await play("alert");
    at("out").fails = (data) => (data as { host: string }).host === "a";
    const ask = (atMs: number): void => push(atMs, { host: "a" }, { host: "b" });
    for (let ms = 0; ms < 50; ms += 10) ask(ms);
    ask(1_500);
    at("out").fails = () => false;
    ask(3_000);
    expect(at("alert").data).toEqual([
      { alert: "a is refused: 4 of 4 calls have failed", severity: "page", retry_at_ms: 1_030 },
      { alert: "a is back", severity: "info" },
    ]);
    expect(at("overflow").data).toEqual([{ host: "a" }]);
  });
});

describe("spill.trickle", () => {
  it("spills to a file, and a second flow ships the file when the breaker closes: every event arrives once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spill-"));
    const file = join(folder, "spill.ndjson");
    const program = compile(example("spill"));
    let nowMs = 0;
    const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => nowMs });
    const arrived: unknown[] = [];
    const endpoint = (): Endpoint => {
      const out = new Endpoint("hold");
      out.fails = (data) => {
        const isDown = nowMs < 1_000 && Number((data as { n: number }).n) >= 3;
        if (!isDown) arrived.push(data);
        return isDown;
      };
      return out;
    };
    const shipAgain = async (): Promise<void> => {
      const graph = program.deploy({ registry });
      graph.attach("out", endpoint());
      await runFlow({ graph, source: await openSource(file), clock: () => nowMs });
    };
    try {
      const graph = program.deploy({ registry });
      graph.attach("out", endpoint());
      graph.attach("spill", await openSink(file));
      const closed: string[] = [];
      registry.on("closed", ({ endpoint: name }) => closed.push(name));
      const source = new ListSource([[1, 2, 3, 4, 5, 6].map((n) => ({ n })), [{ n: 7 }]]);
      const pull = source.pull.bind(source);
      source.pull = async () => {
        if (source.calls.length === 1) nowMs = 2_000;
        return pull();
      };
      const accounting = await runFlow({ graph, source: new ReplaySource(source), clock: () => nowMs });
      expect(accounting).toMatchObject({ delivered: 7, failed: 2, inFlight: 0 });
      expect(closed).toEqual(["api"]);
      expect(readFileSync(file, "utf8")).toBe('{"n":3}\n{"n":4}\n{"n":5}\n{"n":6}\n');
      await shipAgain();
      expect(arrived).toEqual([1, 2, 7, 3, 4, 5, 6].map((n) => ({ n })));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("priority.trickle", () => {
  it("sheds ordinary events while answers are late, and urgent ones not at all", async () => {
    const { at, push, accounting } = await play("priority");
    at("out").takesMs = 500;
    for (let n = 0; n < 40; n++) push(n, { n }, { n, urgent: true });
    const urgent = at("out").data.filter((data) => (data as { urgent?: boolean }).urgent === true);
    expect(urgent).toHaveLength(40);
    expect(at("shed").events.length).toBeGreaterThan(30);
    expect(at("again").events).toHaveLength(0);
    expect(accounting().err).toBeUndefined();
  });

  it("keeps urgent events to be sent again once the breaker is open", async () => {
    const { at, push } = await play("priority");
    at("out").fails = () => true;
    for (let n = 0; n < 40; n++) push(n, { n, urgent: true });
    push(40, { n: 40, urgent: false }, { n: 41 });
    expect(at("again").events).toHaveLength(20);
    expect(at("shed").data).toEqual([{ n: 40, urgent: false }, { n: 41 }]);
  });
});

describe("bulk.trickle", () => {
  it("ships in batches, and counts each event in a batch as a call of both breakers", async () => {
    const { at, graph, push, registry } = await play("bulk");
    push(0, { tenant: "a" }, { tenant: "a" }, { tenant: "b" }, { tenant: "b" });
    expect(at("out").data).toEqual([[{ tenant: "a" }, { tenant: "a" }, { tenant: "b" }]]);
    graph.signal({ kind: "tick", atMs: 1_001 });
    expect(at("out").data[1]).toEqual([{ tenant: "b" }]);
    const calls = ["tenant/a", "tenant/b"].map((name) => registry.get(name).snapshot(1_001).calls);
    expect(calls).toEqual([2, 2]);
  });

  it("opens the second breaker when batches fail, and what that refuses is held against no tenant", async () => {
    const { at, push, registry } = await play("bulk");
    at("out").fails = () => true;
    for (let n = 0; n < 6; n++) push(n, { tenant: "a", n });
    expect(registry.get("bulk").state).toBe("open");
    const before = registry.get("tenant/a").snapshot(10);
    for (let n = 6; n < 30; n++) push(10, { tenant: "a", n });
    expect(at("overflow").events).toHaveLength(24);
    expect(registry.get("tenant/a").snapshot(10)).toEqual(before);
  });
});
