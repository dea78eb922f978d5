/** The thread of the demo's server. It shares nothing with the command but messages: no event loop, no memory. */
import { parentPort, workerData } from "node:worker_threads";
import { FlakyServer, type PhaseCount } from "./flaky.ts";
import type { Scenario } from "./scenario.ts";

/** To the thread. */
export type ServerCommand = "begin" | "count" | "close";

/** From the thread. */
export type ServerMessage =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "phase"; readonly index: number }
  | { readonly kind: "counts"; readonly counts: readonly PhaseCount[] };

if (parentPort !== null) await serve(parentPort, workerData as Scenario);

async function serve(port: NonNullable<typeof parentPort>, scenario: Scenario): Promise<void> {
  const tell = (message: ServerMessage): void => port.postMessage(message);
  const server = await FlakyServer.open(scenario, (index) => tell({ kind: "phase", index }));
  port.on("message", async (order: ServerCommand) => {
    if (order === "begin") server.begin();
    if (order === "count") tell({ kind: "counts", counts: server.counts });
    if (order === "close") {
      await server.close();
      port.close();
    }
  });
  tell({ kind: "listening", port: server.port });
}
