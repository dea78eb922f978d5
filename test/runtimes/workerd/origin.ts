/** An origin on loopback whose answers a test chooses. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How it answers: 200, 500, or never. */
export type Mood = "well" | "badly" | "not at all";

/** See the file. */
export interface FlakyOrigin {
  readonly url: string;
  /** Requests so far. */
  readonly calls: () => number;
  /** How it answers from now on; it starts well. */
  behave(as: Mood): void;
  stop(): void;
}

/** Starts one at a port of its own. */
export async function startOrigin(): Promise<FlakyOrigin> {
  let mood: Mood = "well";
  let calls = 0;
  const server = createServer((_, response) => {
    calls++;
    if (mood !== "not at all") response.writeHead(mood === "well" ? 200 : 500).end(mood);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls: () => calls,
    behave(as) {
      mood = as;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
