/** A run whose requests are under way, and whose input goes on. */
import { type Answering, Endpoint } from "../../connect/support/endpoint.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { numbered, type Running, start } from "./command.ts";

const notYet: Answering = () => {};

/** Ships 250 events in three requests that are not answered. @param more flags of the run */
export async function startHeld(
  pipeline: string,
  ...more: readonly string[]
): Promise<{ running: Running; endpoint: Endpoint }> {
  const endpoint = await Endpoint.open(notYet);
  const path = await makeFile("p.trickle", pipeline);
  const flags = ["--in", "-", "--out", endpoint.url, "--timeout", "600000", "--batch-size", "100"];
  const running = start("run", path, ...flags, ...more);
  running.feed(numbered(250));
  await endpoint.arrival(3);
  return { running, endpoint };
}
