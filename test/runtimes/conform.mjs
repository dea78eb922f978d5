/** Plays the script of conformance inside a runtime: to every flavour that it can have, through the package. */
import * as release from "bluesmoke";
import * as js from "bluesmoke/js";
import { play, read } from "../conformance/player.mjs";

/** Reports by flavour; `shared` is the entry for threads, where the runtime has shared memory. */
export function conform(text, shared) {
  const script = read(text);
  const reports = {
    release: play(script, release),
    js: play(script, js),
  };
  if (shared === undefined) return reports;
  return {
    ...reports,
    shared: play(script, release, (options) => shared.createSharedRegistry({ threads: 1, ...options })),
  };
}
