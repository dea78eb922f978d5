/**
 * The process of one case, or of one reading. It measures on an order and is idle in between, so that the cases of a
 * section take turns, and no case shares call sites, inline caches or garbage with another.
 */
import { brokenBy, prepare } from "./case-runner.ts";
import type { Section } from "./section.ts";
import type { Answer, Assignment, Order } from "./worker-protocol.ts";

/** Prepares the case of the arguments and answers orders. `sectionsFor` loads at least the section of that name. */
export async function answerOrders(
  sectionsFor: (name: string) => Promise<readonly Section[]>,
): Promise<void> {
  // A peer may hold timers; without a scheduler there is nothing left to do.
  process.on("disconnect", () => process.exit());
  try {
    const assignment = JSON.parse(process.argv[2] ?? "{}") as Assignment;
    const handle = await prepare(assignment, await sectionsFor(assignment.section));
    // Orders come one at a time: the scheduler waits for each answer.
    process.on("message", (order: Order) => {
      handle(order).then(send, fail);
    });
    send({ kind: "ready" });
  } catch (error) {
    fail(error);
  }
}

function send(answer: Answer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send(brokenBy(error));
}
