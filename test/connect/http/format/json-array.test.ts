import { describe, expect, it } from "vitest";
import { FlowEvent } from "../../../../src/flow/protocol/event.ts";
import { Endpoint } from "../../support/endpoint.ts";
import { eventOf } from "../../support/recorder.ts";
import { push, ship } from "../../support/shipping.ts";

describe("the format json", () => {
  it("is one array for each request, digit for digit", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url, {
      format: "json",
      batchSize: 2,
      requestsInFlight: 1,
    });
    sink.onEvent(new FlowEvent(0, 1, 0, { data: 9007199254740992, text: "9007199254740993" }));
    for (const data of [{ a: "\n" }, "last"]) sink.onEvent(eventOf(data));
    await sink.drain();
    expect(endpoint.received.map(({ body }) => body)).toEqual(['[9007199254740993,{"a":"\\n"}]', '["last"]']);
    expect(endpoint.received[0]?.headers["content-type"]).toBe("application/json");
    expect(recorder.acked).toHaveLength(3);
  });

  it("has brackets and commas in its bytes", async () => {
    const endpoint = await Endpoint.open();
    const { sink } = await ship(endpoint.url, { format: "json", batchBytes: 7, requestsInFlight: 1 });
    push(sink, 5);
    await sink.drain();
    expect(endpoint.received.map(({ body }) => body)).toEqual(["[0,1,2]", "[3,4]"]);
  });

  it("halves a batch that is refused", async () => {
    const endpoint = await Endpoint.open((response) => {
      response.writeHead(endpoint.received.at(-1)?.body.includes("3") ? 400 : 200).end();
    });
    const { sink, recorder } = await ship(endpoint.url, { format: "json" });
    push(sink, 6);
    await sink.drain();
    expect(recorder.rejected.map(({ data }) => data)).toEqual([3]);
    expect(recorder.acked).toHaveLength(5);
  });
});
