/** The worker of one case: like a process of Node, it shares no call site, inline cache or garbage with another. */
import { brokenBy, type Obey, prepare } from "../attend.ts";
import type { Answer, Assignment, Order } from "../protocol.ts";
import { BROWSER_SECTIONS } from "./sections.ts";

/** The clock of an isolated page moves in steps of 5 µs: a four hundredth of that. */
const LEAST_SAMPLE_MS = 2;

let obey: Obey | undefined;

/** The first message is the assignment, all others are orders. */
async function answer(message: Assignment | Order): Promise<Answer> {
  try {
    if (obey !== undefined) return await obey(message as Order);
    obey = await prepare(message as Assignment, BROWSER_SECTIONS, LEAST_SAMPLE_MS);
    return { kind: "ready" };
  } catch (error) {
    return brokenBy(error);
  }
}

addEventListener("message", async ({ data }: MessageEvent<Assignment | Order>) => {
  postMessage(await answer(data));
});
