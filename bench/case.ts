/**
 * The process of one case, or of one reading. It measures when it is told to and waits in between, so that the cases of a section
 * take turns, and no case shares call sites, inline caches or garbage with another.
 */
import { brokenBy, type Obey, prepare } from "./attend.ts";
import type { Answer, Order } from "./protocol.ts";
import { SECTIONS } from "./sections/index.ts";

function send(answer: Answer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send(brokenBy(error));
}

/** Orders come one at a time: the conductor waits for each answer. */
function attend(obey: Obey): void {
  process.on("message", (order: Order) => {
    obey(order).then(send, fail);
  });
  send({ kind: "ready" });
}

// A peer may hold timers; without a conductor there is nothing left to do.
process.on("disconnect", () => process.exit());
prepare(JSON.parse(process.argv[2] ?? "{}"), SECTIONS).then(attend, fail);
