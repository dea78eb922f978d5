import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { compile } from "../../../src/trickle/compile.ts";
import { isTrickleError } from "../../../src/trickle/syntax/diagnostic.ts";
import { HandSink } from "../../flow/graph-fixture.ts";

/** `in → cb → out` with this endpoint; returns the endpoints that the events had, and what went to err. */
async function endpointsOf(endpoint: string, events: readonly { data: unknown; meta?: object }[]) {
  const registry = new CircuitBreakerRegistry({ clock: () => 0 });
  const text = `define operator cb from qos::circuit_breaker args prefix = "eu" with endpoint = ${endpoint} end;
create operator cb;
select event from in into cb;
select event from cb into out;`;
  const graph = compile(text).deploy({ registry });
  const err = new HandSink();
  graph.attach("err", err);
  await graph.start(0);
  for (const item of events) graph.push(0, item as { data: unknown }, 0);
  return { names: [...registry].map(({ name }) => name), err: err.events.map(({ meta }) => meta?.error) };
}

describe("an option that may differ from event to event", () => {
  it("is a path into the event", async () => {
    const { names } = await endpointsOf("event.to.host", [
      { data: { to: { host: "a" } } },
      { data: { to: { host: "b" } } },
    ]);
    expect(names).toEqual(["a", "b"]);
  });

  it("is a path into its metadata", async () => {
    expect((await endpointsOf("$host", [{ data: 1, meta: { host: "a" } }])).names).toEqual(["a"]);
  });

  it("is text made of both, and of the arguments of the definition", async () => {
    const { names } = await endpointsOf('"#{args.prefix}/#{event.host}:#{event.port}"', [
      { data: { host: "a", port: 80 } },
    ]);
    expect(names).toEqual(["eu/a:80"]);
  });

  it("is a constant where it reads no event: one breaker, made at once", async () => {
    expect((await endpointsOf('"#{args.prefix}/all"', [])).names).toEqual(["eu/all"]);
  });

  it("sends an event that lacks it to err and says where in the pipeline", async () => {
    const { names, err } = await endpointsOf("event.host", [{ data: { port: 1 } }]);
    expect(names).toEqual([]);
    expect(err).toEqual([expect.stringContaining("event.host")]);
  });

  it("cannot be paused for: upstream stops for all endpoints or for none", () => {
    const text =
      'define operator cb from qos::circuit_breaker with endpoint = event.host, method = "pause" end;\ncreate operator cb;';
    const fault = ((): unknown => {
      try {
        return compile(`${text}\nselect event from in into cb;`);
      } catch (error) {
        return error;
      }
    })();
    expect(isTrickleError(fault) && fault.message).toContain(
      'endpoint must be one name where method is "pause"',
    );
  });
});
