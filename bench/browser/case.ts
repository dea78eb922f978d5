/** The worker of one case: like a process of Node, it shares no call site, inline cache or garbage with another. */
import { brokenBy, type HandleOrder, prepare } from "../case-runner.ts";
import type { Answer, Assignment, Order } from "../worker-protocol.ts";
import { BROWSER_SECTIONS } from "./sections.ts";

/** The clock of an isolated page moves in steps of 5 µs: a four hundredth of that. */
const LEAST_SAMPLE_MS = 2;

let handleOrder: HandleOrder | undefined;

/** The first message is the assignment, all others are orders. */
async function answer(message: Assignment | Order): Promise<Answer> {
  try {
    if (handleOrder !== undefined) return await handleOrder(message as Order);
    handleOrder = await prepare(message as Assignment, BROWSER_SECTIONS, LEAST_SAMPLE_MS);
    return { kind: "ready" };
  } catch (error) {
    return brokenBy(error);
  }
}

addEventListener("message", async ({ data }: MessageEvent<Assignment | Order>) => {
  postMessage(await answer(data));
});
