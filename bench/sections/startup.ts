import { bareNode, cockatiel, opossum, ours, version } from "../cases/startup.ts";
import type { Section } from "../section.ts";

const BARE = "node, an empty module";
const OURS = "bluesmoke, import and first call";
const COCKATIEL = "cockatiel, import and first call";
const VERSION = "bluesmoke --version";

/** Whole processes, one after the other. */
export const startup: Section = {
  name: "startup",
  title: "a process from its start to its end",
  operation: "start",
  cases: [
    { name: BARE, prepare: bareNode },
    { name: OURS, ofBuild: true, prepare: ours },
    { name: COCKATIEL, peer: "cockatiel", prepare: cockatiel },
    { name: "opossum, import and first call", peer: "opossum", prepare: opossum },
    { name: VERSION, ofBuild: true, prepare: version },
  ],
  comparisons: [
    {
      what: "import and first call, more than node: bluesmoke to cockatiel",
      of: OURS,
      to: COCKATIEL,
      above: BARE,
      by: "time",
      target: 0.8,
    },
    { what: "import and first call, more than node: bluesmoke", of: OURS, above: BARE, by: "time" },
    { what: "bluesmoke --version to node", of: VERSION, to: BARE, by: "time", target: 2 },
  ],
};
