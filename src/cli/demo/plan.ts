/** How fast the demo feeds its events, and how many of them. */

import { STANDARD } from "../../connect/base/spec.ts";
import { openSource } from "../../connect/open.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { printable } from "../base/printable.ts";
import { lengthOf, type Scenario } from "./scenario.ts";

/** Events a second by default, at most: two cores ship them without being busy. */
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
 * @throws ConnectError when it cannot be read, CommandError for stdin and for a file in which nothing is an event: a show
 * of that would take as long and say nothing.
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
  const { found, fault } = await countEvents(path, most + 1);
  if (fault !== undefined)
    throw new CommandError(
      EXIT.connection,
      `${path}: has no events in it${fault}`,
      "give a file with a line of JSON for each",
    );
  const events = Math.min(found, most);
  return { path, events, eventsPerSecond: rate ?? Math.ceil(events / seconds), isCut: found > most };
}

/** Malformed ones count as well; `fault` is there when all are, with what is said about the first. */
async function countEvents(path: string, most: number): Promise<{ found: number; fault?: string }> {
  const source = await openSource(path);
  let found = 0;
  let fault: string | undefined = "";
  for (let items = await source.pull(); items !== undefined && found < most; items = await source.pull()) {
    const [first] = items;
    if (items.some((item) => "data" in item)) fault = undefined;
    else if (fault === "" && first !== undefined && "malformed" in first) fault = faultOf(first.malformed);
    found += items.length;
  }
  await source.close();
  return { found: Math.min(found, most), ...(fault === undefined ? {} : { fault }) };
}

function faultOf({ line, error }: Readonly<Record<string, unknown>>): string {
  return `, only malformed ones: line ${String(line)}: ${printable(String(error))}`;
}
