import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/compile.ts";
import { push, run } from "./deploy.ts";

const RFC = fixture("rfc-0005");
const COMPLETE = fixture("complete");

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.trickle`, import.meta.url), "utf8");
}

describe("the text of RFC 0005, both code blocks in one file", () => {
  it("deploys as it is written, with warnings", () => {
    const program = compile(RFC);
    expect(program.outputs).toEqual(["cb", "err"]);
    expect(program.warnings.map((warning) => [warning.line, warning.message])).toEqual([
      [6, "nothing reads port `out` of `blue_smoke`: events that leave there are dropped"],
      [6, "nothing reads port `overflow` of `blue_smoke`: refused events are counted, but not kept"],
      [8, "`cb` is a definition: taken as its only instance `blue_smoke`"],
    ]);
  });

  it("guards events with a breaker named after the instance", async () => {
    const { graph, registry } = await run(RFC);
    push(graph, { n: 1 });
    expect(graph.accounting).toMatchObject({ read: 1, dropped: 1, inFlight: 0 });
    expect(registry.has("blue_smoke")).toBe(true);
  });

  it("sends the events of the breaker to out/cb", async () => {
    const { graph, registry, data } = await run(RFC);
    push(graph, { n: 1 });
    registry.get("blue_smoke").forceOpen(0);
    push(graph, { n: 2 });
    expect(graph.accounting).toMatchObject({ read: 2, dropped: 1, overflow: 1 });
    expect(data("cb")).toMatchObject([{ kind: "opened", endpoint: "blue_smoke" }]);
  });

  it("deploys more than once, each time with operators of its own", async () => {
    const program = compile(RFC);
    const host = { registry: new CircuitBreakerRegistry() };
    expect(program.deploy(host)).not.toBe(program.deploy(host));
  });
});

describe("the complete pipeline", () => {
  it("compiles without a warning in both spellings of define", () => {
    const original = COMPLETE.replace(
      "define operator cb from qos::circuit_breaker",
      "define qos::circuit_breaker operator cb",
    );
    expect(original).not.toBe(COMPLETE);
    for (const text of [COMPLETE, original]) {
      const program = compile(text);
      expect(program.warnings).toEqual([]);
      expect(program.outputs).toEqual(["out", "overflow", "cb", "err"]);
    }
  });

  it("takes an event through to the sink as it came", async () => {
    const { graph, data } = await run(COMPLETE);
    const event = { n: 1 };
    push(graph, event);
    expect(data("out")).toEqual([event]);
    expect(data("out")?.[0]).toBe(event);
    expect(graph.accounting).toMatchObject({ read: 1, delivered: 1, inFlight: 0 });
  });

  it("opens with the options of the definition, and sends what is refused to overflow", async () => {
    const { graph, data } = await run(COMPLETE, { out: "fail" });
    push(graph, { n: 1 }, { n: 2 }, { n: 3 });
    expect(data("out")).toEqual([{ n: 1 }, { n: 2 }]);
    expect(data("overflow")).toEqual([{ n: 3 }]);
    expect(data("cb")).toMatchObject([{ kind: "opened", calls: 2, failures: 2, delay_ms: 1_000 }]);
    expect(graph.accounting).toMatchObject({ read: 3, failed: 2, overflow: 1, inFlight: 0 });
  });
});

describe("select", () => {
  it("projects, filters before by where and after by having", async () => {
    const { graph, data } = await run(`
      select {"sum": event.a + event.b} from in where present event.a into out having event.sum > 2;
    `);
    push(graph, { a: 1, b: 1 }, { a: 1, b: 2 }, { b: 3 });
    expect(data("out")).toEqual([{ sum: 3 }]);
    expect(graph.accounting).toMatchObject({ read: 3, delivered: 1, filtered: 2 });
  });

  it("sends an event that an expression does not fit to err, as it came, and says why", async () => {
    const { graph, data, sinks } = await run("select event.a + 1 from in into out;");
    push(graph, { a: 1 }, { a: "x" });
    expect(data("out")).toEqual([2]);
    expect(data("err")).toEqual([{ a: "x" }]);
    expect(sinks.err?.events[0]?.meta).toEqual({
      error: "pipeline.trickle:1:16: `+` needs two numbers or two strings, not a string and a number",
    });
    expect(graph.accounting).toMatchObject({ read: 2, delivered: 1, err: 1, inFlight: 0 });
  });

  it("leads an err port that nobody reads to the err of the pipeline, and one that is read only there", async () => {
    const text = `
      define operator cb from qos::circuit_breaker;
      create operator cb;
      select event from in into cb/err;
      select event from cb into out;
      select event from cb/overflow into out/overflow;
    `;
    const unread = await run(text);
    push(unread.graph, { n: 1 });
    expect(unread.data("err")).toEqual([{ n: 1 }]);
    const read = await run(`${text} select event from cb/err into out/failures;`);
    push(read.graph, { n: 1 });
    expect(read.data("err")).toEqual([]);
    expect(read.data("failures")).toEqual([{ n: 1 }]);
  });

  it("sends an event to err on which where or having is neither true nor false", async () => {
    const { graph, data } = await run(
      "create stream s; select event from in where event.a into s; select event from s into out having event.b",
    );
    push(graph, { a: 1, b: true }, { a: true, b: null }, { a: true, b: true }, { a: false });
    expect(data("err")).toEqual([
      { a: 1, b: true },
      { a: true, b: null },
    ]);
    expect(data("out")).toEqual([{ a: true, b: true }]);
  });

  it("reads the metadata that a breaker gives to refused events", async () => {
    const { graph, registry, data } = await run(
      COMPLETE.replace(
        "select event from cb/overflow",
        'select {"n": event.n, "wait": $circuit_breaker.retry_after_ms} from cb/overflow',
      ),
      { out: "fail" },
    );
    push(graph, { n: 1 }, { n: 2 }, { n: 3 });
    expect(data("overflow")).toEqual([{ n: 3, wait: registry.get("cb").retryAfterMs(0) }]);
  });

  it("sends events to every reader, in the order of the text", async () => {
    const { graph, data } = await run(`
      create stream all;
      select event from in into all;
      select event from all into out/first;
      select {"copy": event} from all into out/second;
      select event from all into err;
    `);
    push(graph, 1);
    expect([data("first"), data("second"), data("err")]).toEqual([[1], [{ copy: 1 }], [1]]);
    expect(graph.accounting).toMatchObject({ read: 1 });
  });

  it("routes by where", async () => {
    const { graph, data } = await run(`
      select event from in where event.size == "big" into out/big;
      select event from in where not event.size == "big" into out/small;
    `);
    push(graph, { size: "big" }, { size: "small" });
    expect(data("big")).toEqual([{ size: "big" }]);
    expect(data("small")).toEqual([{ size: "small" }]);
  });

  it("needs no operator where it changes nothing", async () => {
    const { graph, data } = await run("select event from in into out;");
    push(graph, 1);
    expect(data("out")).toEqual([1]);
    expect(graph.warnings).toEqual([]);
  });
});

describe("names and options", () => {
  it("may come in any order", () => {
    const program = compile(`
      select event from b into out;
      select event from in into b;
      create operator b from a;
      define generic::passthrough operator a;
    `);
    expect(program.warnings).toEqual([]);
  });

  it("lets with of create replace options of a definition without arguments", async () => {
    const { graph, data } = await run(
      COMPLETE.replace(
        "create operator cb;",
        'create operator cb with detector = {"kind": "consecutive_failures", "failures": 1} end;',
      ),
      { out: "fail" },
    );
    push(graph, { n: 1 }, { n: 2 });
    expect(data("overflow")).toEqual([{ n: 2 }]);
  });

  it("lets with of create set the arguments of a definition that has some", async () => {
    const { graph, data } = await run(
      `
      define operator breaker from qos::circuit_breaker
      args
        failures,
        delay = 2 * 1_000,
      with
        detector = {"kind": "consecutive_failures", "failures": args.failures},
        backoff = {"kind": "constant", "delay_ms": args.delay},
      end;
      create operator cb from breaker with failures = 1 end;
      select event from in into cb;
      select event from cb into out;
      select event from cb/overflow into out/overflow;
      select event from cb/cb into out/cb;
    `,
      { out: "fail" },
    );
    push(graph, { n: 1 }, { n: 2 });
    expect(data("overflow")).toEqual([{ n: 2 }]);
    expect(data("cb")).toMatchObject([{ kind: "opened", delay_ms: 2_000 }]);
  });

  it("takes the name of the file in messages", () => {
    expect(() => compile("select", { file: "dir/a.trickle" })).toThrow(/^dir\/a\.trickle:1:7: error: /);
  });

  it("says where and what in the fields of an error", () => {
    try {
      compile("create stream s;\nselect event from in into t;");
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        name: "TrickleError",
        code: "ERR_TRICKLE",
        message: "pipeline.trickle:2:27: error: stream `t` is not defined",
        line: 2,
        column: 27,
        sourceLine: "select event from in into t;",
        expected: "one of: in, out, s",
        hint: undefined,
      });
    }
  });
});
