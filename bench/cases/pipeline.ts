/** Events from a file through graphs. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { NullSink } from "../../src/connect/null.ts";
import { openSource } from "../../src/connect/open.ts";
import type { Accounting } from "../../src/flow/graph/accounting.ts";
import type { Graph } from "../../src/flow/graph/graph.ts";
import { runFlow } from "../../src/flow/runtime/run-flow.ts";
import { compile } from "../../src/trickle/compile.ts";
import { type Flights, provideFlights } from "../flights.ts";
import type { Scale, Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { CircuitBreakerRegistry } from "./fixtures.ts";

/** As the source of a file reads. */
const CHUNK_SIZE = 65_536;
const LINE_FEED = 10;

/** A graph whose sink acknowledges at once. One registry serves all graphs of a process, as in a program. */
export function deploy(pipeline: string, registry: CircuitBreakerRegistry): Graph {
  const graph = compile(pipeline).deploy({ registry });
  graph.attach("out", new NullSink());
  return graph;
}

/** The file through a pipeline into a sink that only counts. */
export function shipping(pipeline: string, scale: Scale): Work {
  const { path, count } = provideFlights(scale);
  const registry = new CircuitBreakerRegistry();
  return countedLater(count, count, async () => {
    const accounting = await runFlow({ graph: deploy(pipeline, registry), source: await openSource(path) });
    return deliveredOf(accounting);
  });
}

function deliveredOf(accounting: Accounting): number {
  if (accounting.delivered === accounting.read) return accounting.delivered;
  throw new Error(`delivered ${accounting.delivered} of ${accounting.read} events`);
}

/** The bare loop: splits chunks into lines and parses each, and does nothing with it. */
export function splitting(scale: Scale): Work {
  return reading(scale, async ({ path }) => {
    const handle = await open(path);
    const buffer = Buffer.allocUnsafe(CHUNK_SIZE);
    let rest: Buffer = Buffer.alloc(0);
    let objects = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_SIZE);
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(LINE_FEED);
      if (bytesRead === 0) break;
      for (const line of bytes.toString("utf8", 0, end).split("\n")) objects += countOf(JSON.parse(line));
      rest = Buffer.from(bytes.subarray(end + 1));
    }
    await handle.close();
    return objects;
  });
}

/** The loop that most people write. */
export function readline(scale: Scale): Work {
  return reading(scale, async ({ path }) => {
    let objects = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      objects += countOf(JSON.parse(line));
    }
    return objects;
  });
}

function reading(scale: Scale, read: (flights: Flights) => Promise<number>): Work {
  const flights = provideFlights(scale);
  return countedLater(flights.count, flights.count, () => read(flights));
}

/** 1 for an event. */
function countOf(value: unknown): number {
  return typeof value === "object" && value !== null ? 1 : 0;
}
