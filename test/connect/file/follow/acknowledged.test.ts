import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSource } from "../../../../src/connect/open.ts";
import { Passthrough } from "../../../../src/flow/operators/passthrough.ts";
import type { FlowEvent } from "../../../../src/flow/protocol/event.ts";
import { runFlow } from "../../../../src/flow/runtime/run-flow.ts";
import { graphOf, HandSink } from "../../../flow/graph-fixture.ts";
import { makeFolder } from "../../support/folder.ts";

/** Ships the lines 1, 2, 3, of which a sink fails the second; returns the offset that is kept. */
async function offsetAfterFailure(isKept: boolean): Promise<number> {
  const folder = await makeFolder();
  const [path, position] = [join(folder, "in.ndjson"), join(folder, "position")];
  await writeFile(path, "1\n2\n3\n");
  const graph = graphOf({ pass: new Passthrough() }, "in > pass", "pass > out/out");
  const sink = new HandSink("ack");
  const onEvent = sink.onEvent.bind(sink);
  sink.onEvent = (event: FlowEvent) => {
    if (event.data === 2) sink.context.fail(event, { error: "no" });
    else onEvent(event);
  };
  graph.attach("out", sink);
  if (isKept) graph.attachDeadLetter(new HandSink("ack"));
  const accounting = await runFlow({ graph, source: await openSource(path, { position }) });
  expect(accounting).toMatchObject({ read: 3, delivered: 2, failed: 1 });
  return JSON.parse(await readFile(position, "utf8")).offset;
}

describe("the position of a source in a flow", () => {
  it("stays before an event that failed and that no sink has", async () => {
    expect(await offsetAfterFailure(false)).toBe(1);
  });

  it("passes an event that failed and that the sink for failed events has", async () => {
    expect(await offsetAfterFailure(true)).toBe(5);
  });
});
