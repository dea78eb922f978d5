import { describe, expect, it } from "vitest";
import { BrokerSink, type Outgoing } from "../../../src/brokers/base/broker-sink.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { counts, graphOf, pushAll, started } from "../../flow/graph-fixture.ts";

describe("a sink over a broker", () => {
  it("rejects an event that its writer cannot send, and sends the others of its batch", async () => {
    const sent: string[] = [];
    const writer = {
      start: async () => {},
      check({ data }: { readonly data: unknown }) {
        if (data === 2) throw new Error("has no key");
      },
      send: async (batch: readonly Outgoing[]) => {
        sent.push(batch.map(({ text }) => text).join());
        return batch.map(() => undefined);
      },
      close: async () => {},
    };
    const graph = graphOf({ pass: new Passthrough() }, "in > pass", "pass > out/out");
    await started(graph, { out: new BrokerSink("broker", writer, 10, 1_000) });
    pushAll(graph, [1, 2, 3]);
    await graph.drain();
    expect(sent).toEqual(["1,3"]);
    expect(counts(graph.accounting)).toEqual({ read: 3, delivered: 2, failed: 1 });
    expect(graph.failures).toEqual(new Map([["has no key", 1]]));
  });
});
