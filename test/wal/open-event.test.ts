import { expect, it } from "vitest";
import { OpenEvent } from "../../src/wal/open-event.ts";

function openEvent(text: string, meta?: string): OpenEvent {
  const bytes = new TextEncoder().encode(`before ${text} behind`);
  return new OpenEvent({
    kind: "record",
    id: 7,
    timeMs: 8,
    meta,
    bytes,
    start: 7,
    end: bytes.length - 7,
  });
}

it("has the text, the data and the metadata of its record", () => {
  const event = openEvent('{"a":1.0,"b":"€"}', '{"key":"k"}');
  expect(event.text).toBe('{"a":1.0,"b":"€"}');
  expect([event.data, event.meta]).toEqual([{ a: 1, b: "€" }, { key: "k" }]);
  expect([event.id, event.timeMs, event.byteLength]).toEqual([7, 8, 19]);
});

it("parses its data once", () => {
  const event = openEvent("{}");
  expect(event.data).toBe(event.data);
});

it("keeps nothing but its own text once it is detached", () => {
  const event = openEvent('"text"');
  event.detach();
  expect(event.raw.bytes.buffer.byteLength).toBe(6);
  expect([event.text, event.byteLength]).toEqual(['"text"', 6]);
  const { raw } = event;
  event.detach();
  expect(event.raw).toBe(raw);
});
