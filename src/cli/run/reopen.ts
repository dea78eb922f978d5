/** SIGHUP: sinks open their files again, so that a file that was renamed by a rotation is left alone. */
import { reasonOf } from "../../connect/base/errors.ts";
import type { Sink } from "../../flow/protocol/source-and-sink.ts";
import { innermost } from "./mapped-sink.ts";

/** A sink that writes to a file by its path. */
interface Reopenable {
  /** Opens the path again; what was handed over before goes to the old file. */
  reopen(): Promise<void> | void;
}

/** Reopens all that can be; a sink whose path cannot be opened keeps its old file. @param say prints what happened */
export async function reopenSinks(sinks: readonly Sink[], say: (line: string) => void): Promise<void> {
  const able = sinks.map(innermost).filter(isReopenable);
  const results = await Promise.allSettled(able.map(async (sink) => sink.reopen()));
  for (const [index, result] of results.entries()) {
    const name = able[index]?.name;
    if (result.status === "fulfilled") say(`reopened ${name}`);
    else say(`warning: ${name} cannot be reopened, the old file is written on: ${reasonOf(result.reason)}`);
  }
  if (able.length === 0) say("nothing to reopen: no sink is a file");
}

function isReopenable(sink: Sink): sink is Sink & Reopenable {
  return "reopen" in sink && typeof sink.reopen === "function";
}
