/** The texts of --help besides the list of options. */
import { EXIT_HELP } from "../base/exit.ts";

export const HELP = `
Examples:
  bluesmoke demo                                     see a breaker work, in half a minute
  bluesmoke check pipeline.trickle                   is this pipeline right?
  bluesmoke graph pipeline.trickle                   what does it become?
  bluesmoke run pipeline.trickle --in events.ndjson --out http://localhost:8080/events
  bluesmoke help run                                 all about sources, sinks and options

${EXIT_HELP}`;

export const CHECK_HELP = `
PIPELINE may be "-" for stdin. With --config the options of that file are checked, too, against each other and
the pipeline; nothing is opened. All errors that can be found are printed at once, up to 100, each with its
line, what was expected there, and a hint; a fault in the grammar hides what comes after it. So are warnings,
about what can run but leads nowhere. Both go to stderr.
Ends with 0 if all is right, with 2 if the config file is wrong, with 3 if the pipeline is.`;

export const GRAPH_HELP = `
PIPELINE may be "-" for stdin. Each node shows its name and its type, each line the ports that it joins; a
dotted line is one that nobody wrote: malformed events go to out/err by themselves. Warnings go to stderr.
Ends with 0 if the pipeline is right, with 3 if it cannot be read or is wrong.

Example:
  bluesmoke graph pipeline.trickle > pipeline.mmd      show it where Mermaid is known, such as in Markdown`;

export const DEMO_HELP = `
A server is started on 127.0.0.1 that is healthy and failing by turns. The events are shipped to it as a
live feed, first through a circuit breaker, then the same again without one; the end compares what the
server had to bear and what became of the events.

Kinds of a phase:
  healthy     answers 200
  failing     answers 503
  hanging     takes requests and does not answer until the phase is over
  refusing    does not listen

Without FILE: 200,000 flights of the npm package vega-datasets where it is installed, otherwise as many
synthetic ones, always the same. Ends with 0 when every event is accounted for, whatever became of it.

Examples:
  bluesmoke demo
  bluesmoke demo events.ndjson --rate 5000
  bluesmoke demo --dashboard                           watch it at http://127.0.0.1:9300/
  bluesmoke demo --scenario healthy:2,hanging:5,healthy:8`;
