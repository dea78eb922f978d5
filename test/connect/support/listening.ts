/** An HTTP server as a source, on loopback, and a client of it. */
import { onTestFinished } from "vitest";
import type { ListenOptions } from "../../../src/connect/base/listen-options.ts";
import { HttpServerSource } from "../../../src/connect/http/http-server.ts";
import type { SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";
import { Client } from "./client.ts";

export interface Listening {
  readonly source: HttpServerSource;
  readonly client: Client;
}

/** Long enough for a test that never wants a request to wait in vain. */
export const PATIENT: ListenOptions = { patienceMs: 60_000 };

export async function listen(options: ListenOptions = PATIENT): Promise<Listening> {
  const source = await HttpServerSource.open("listen:http://127.0.0.1:0/in", options, {
    maximumLineBytes: 100,
    validate: true,
  });
  onTestFinished(() => source.close());
  return { source, client: new Client(source.name) };
}

/** Pulls as a flow does that takes everything; returns what came so far. */
export function takeAll(source: HttpServerSource): SourceItem[] {
  const taken: SourceItem[] = [];
  const take = async (): Promise<void> => {
    for (let items = await source.pull(); items !== undefined; items = await source.pull())
      taken.push(...items);
  };
  void take();
  return taken;
}

/** What comes against the flow from a sink that is broken, and when it is well again. */
export const trigger = { kind: "trigger", from: 7 } as Parameters<HttpServerSource["onInsight"]>[0];
export const restore = { ...trigger, kind: "restore" } as const;
