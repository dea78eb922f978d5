/** How fast the demo feeds its events, and how many of them. */

import { openSource } from "../../connect/open.ts";
import { STANDARD } from "../../connect/spec.ts";
import { EXIT } from "../exit.ts";
import { CommandError } from "../fault.ts";
import { lengthOf, type Scenario } from "./scenario.ts";

/** Events a second, where nobody says otherwise: what two cores ship without being busy. */
const HIGHEST_RATE = 20_000;

export interface FeedPlan {
  readonly path: string;
  readonly eventsPerSecond: number;
  /** Events of the file that are shipped. */
  readonly events: number;
  /** The file has more. */
  readonly isCut: boolean;
}

/**
 * By default a file lasts as long as the scenario; of one that is too long for that, the beginning is shipped. Looks
 * through the file, no further than needed.
 *
 * @throws ConnectError when it cannot be read, CommandError for stdin and for a file without events.
 */
export async function planFeed(
  path: string,
  scenario: Scenario,
  rate: number | undefined,
): Promise<FeedPlan> {
  if (path === STANDARD) {
    throw new CommandError(
      EXIT.usage,
      "the demo reads its events twice, which stdin cannot do",
      "give a file",
    );
  }
  const seconds = lengthOf(scenario) / 1_000;
  const most = Math.ceil((rate ?? HIGHEST_RATE) * seconds);
  const found = await countEvents(path, most + 1);
  if (found === 0)
    throw new CommandError(
      EXIT.connection,
      `${path}: has no events in it`,
      "give a file with a line of JSON for each",
    );
  const events = Math.min(found, most);
  return { path, events, eventsPerSecond: rate ?? Math.ceil(events / seconds), isCut: found > most };
}

/** Malformed ones count as well. */
async function countEvents(path: string, most: number): Promise<number> {
  const source = await openSource(path);
  let found = 0;
  for (let items = await source.pull(); items !== undefined && found < most; items = await source.pull()) {
    found += items.length;
  }
  await source.close();
  return Math.min(found, most);
}
