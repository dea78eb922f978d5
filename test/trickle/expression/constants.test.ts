import { describe, expect, it } from "vitest";
import { compile } from "../../../src/trickle/compile.ts";
import { push, run } from "../deploy.ts";

describe("named constants", () => {
  it("are read by every select, in the data, in where and in having", async () => {
    const { graph, data } = await run(`
      with limit = 2, names = {"long": ["kestrel", "osprey"]} end;
      create stream s;
      select {"n": event.n, "name": args.names.long[1]} from in where event.n < args.limit into s;
      select event from s into out having event.n != args.limit - 2;
    `);
    push(graph, { n: 0 }, { n: 1 }, { n: 2 });
    expect(data("out")).toEqual([{ n: 1, name: "osprey" }]);
    expect(graph.accounting).toMatchObject({ filtered: 2, err: 0 });
  });

  it("may be set after the statements that read them, and by those that come before in their own lists", async () => {
    const { graph, data } = await run(`
      select args.c from in into out;
      with a = 1, b = args.a + 1 end
      with c = [args.a, args.b] end
    `);
    push(graph, null);
    expect(data("out")).toEqual([[1, 2]]);
  });

  it("decide options, arguments, and the defaults of arguments", async () => {
    const { graph, data } = await run(
      `
      with failures = 1, delay = 5_000 end;
      define operator breaker from qos::circuit_breaker
      args failures, delay = args.delay
      with
        detector = {"kind": "consecutive_failures", "failures": args.failures},
        backoff = {"kind": "constant", "delay_ms": args.delay},
      end;
      create operator cb from breaker with failures = 2 * args.failures end;
      select event from in into cb;
      select event from cb into out;
      select event from cb/overflow into out/overflow;
      select event from cb/cb into out/cb;
    `,
      { out: "fail" },
    );
    push(graph, 1, 2, 3);
    expect(data("overflow")).toEqual([3]);
    expect(data("cb")).toMatchObject([{ kind: "opened", delay_ms: 5_000 }]);
  });

  it("are hidden by an argument of the same name inside of its definition", async () => {
    const { graph, data } = await run(
      `
      with n = 1 end;
      define operator breaker from qos::circuit_breaker
      args n = 2
      with detector = {"kind": "consecutive_failures", "failures": args.n} end;
      create operator cb from breaker;
      select args.n from in into cb;
      select event from cb into out;
      select event from cb/overflow into out/overflow;
    `,
      { out: "fail" },
    );
    push(graph, null, null, null);
    expect([data("out"), data("overflow")]).toEqual([[1, 1], [1]]);
  });

  it.each(["__proto__", "constructor", "toString"])("knows no constant %s that nobody set", (name) => {
    expect(() => compile(`select args.${name} from in into out;`)).toThrow(/there is no constant/);
    expect(() => compile(`with a = 1 end; select args["${name}"] from in into out;`)).toThrow(/no constant/);
    expect(() => compile(`with ${name} = 1 end; select args.${name} from in into out;`)).not.toThrow();
  });

  it("says at which step a path into a constant ends", async () => {
    const { graph, sinks } = await run("with a = {} end; select args.a.b.c from in into out;");
    push(graph, null);
    expect(sinks.err?.events[0]?.meta?.error).toBe("pipeline.trickle:1:32: `args.a.b` is absent");
  });
});

describe("an endpoint that is taken from the event", () => {
  const BREAKERS = `
    with suffix = ":443" end;
    define operator breaker from qos::circuit_breaker
    args region = "eu"
    with
      endpoint = ENDPOINT,
      detector = {"kind": "consecutive_failures", "failures": 1},
    end;
    create operator cb from breaker;
    select event from in into cb;
    select event from cb into out;
    select event from cb/overflow into out/overflow;
    select event from cb/cb into out/cb;
  `;
  const at = (endpoint: string) => run(BREAKERS.replace("ENDPOINT", endpoint), { out: "fail" });

  it("has a breaker for every value of a path", async () => {
    const { graph, registry, data } = await at("event.host");
    push(graph, { host: "a" }, { host: "b" }, { host: "a" });
    expect([registry.has("a"), registry.has("b"), registry.has("cb")]).toEqual([true, true, false]);
    expect(data("out")).toEqual([{ host: "a" }, { host: "b" }]);
    expect(data("overflow")).toEqual([{ host: "a" }]);
    expect(data("cb")).toMatchObject([{ endpoint: "a" }, { endpoint: "b" }]);
  });

  it("may be made of the event, its metadata, arguments and constants", async () => {
    const { graph, registry } = await at('"#{args.region}-#{event.host}#{args.suffix}"');
    push(graph, { host: "a" });
    expect(registry.has("eu-a:443")).toBe(true);
    const meta = await at("$host");
    meta.graph.push(0, { data: null, meta: { host: "from-meta" } }, 0);
    expect(meta.registry.has("from-meta")).toBe(true);
  });

  it("sends an event to err that names none", async () => {
    const { graph, data, sinks } = await at("event.host");
    push(graph, {}, { host: 5 }, { host: "" });
    expect(data("err")).toEqual([{}, { host: 5 }, { host: "" }]);
    expect(sinks.err?.events.map(({ meta }) => meta?.error)).toEqual([
      "pipeline.trickle:6:24: `event.host` is absent",
      "the event names no endpoint",
      "the event names no endpoint",
    ]);
  });

  it("stays one name where it is a constant", async () => {
    const { graph, registry } = await at('args.region + "-1"');
    push(graph, null);
    expect(registry.has("eu-1")).toBe(true);
  });
});
