import { expect, it } from "vitest";
import { openSink, openSource } from "../../src/connect/open.ts";
import { Memory, Numbers } from "./support/flow.ts";

it("sources and sinks of further schemes are opened by the functions that are given for them", async () => {
  const asked: string[] = [];
  const source = new Numbers(1);
  const sink = new Memory();
  const open =
    <End>(end: End) =>
    (spec: string) => {
      asked.push(spec);
      return end;
    };
  expect(await openSource("kafka://h/t?group=g", { schemes: { kafka: open(source) } })).toBe(source);
  expect(await openSink("nats://h/s", { schemes: { nats: open(sink) } })).toBe(sink);
  expect(asked).toEqual(["kafka://h/t?group=g", "nats://h/s"]);
});

it("a scheme without a function stays an error", async () => {
  const schemes = { kafka: () => new Numbers(1) };
  await expect(openSource("constructor://h/t", { schemes })).rejects.toThrow(
    "constructor is no scheme of a source",
  );
});
