/** What --help says besides the list of options. */
import { GUARDED, indented } from "./demo/pipelines.ts";
import { EXIT_HELP } from "./exit.ts";

export const HELP = `
Examples:
  bluesmoke demo                                     see a breaker work, in half a minute
  bluesmoke check pipeline.trickle                   is this pipeline right?
  bluesmoke graph pipeline.trickle                   what does it become?
  bluesmoke run pipeline.trickle --in events.ndjson --out http://localhost:8080/events
  bluesmoke help run                                 all about sources, sinks and options

${EXIT_HELP}`;

export const RUN_HELP = `
Sources (--in):
  PATH        newline-delimited JSON, a line for each event; a file whose name ends in .json
              may also be one JSON array
  -           the same from stdin
  tcp://HOST:PORT                  lines from a server; a lost connection is tried again,
                                   --reconnects 0: its end is the end of the run
  listen:tcp://HOST:PORT           lines from whoever connects
  listen:http://HOST:PORT/PATH     POST of lines, or of a JSON array: 202 when the pipeline has taken
                                   them; 503 and Retry-After while a breaker with method = "pause" is
                                   open, a sink is broken, or all are busy. Port 0: any that is free
  Several are read side by side, and the run ends when all have ended; an error of one ends it for all.
Sinks (--out, --overflow, --port):
  PATH        newline-delimited JSON; the file is emptied when the run starts, unless --append. Files of
              --overflow, --failed and --port err=PATH are added to: they hold what earlier runs kept
  -           the same to stdout
  http(s)://… POST of newline-delimited JSON in batches: 2xx is success; anything else, a timeout
              or a broken connection is a failure; Retry-After is obeyed
  tcp://HOST:PORT  lines to a server; a lost connection is tried again, and the source waits
  null:       counts, and throws away

Ports: a pipeline sends events to its ports by "into out/NAME". Beside out there are by custom
  overflow    events that a breaker refused (kept by --overflow FILE, they can be shipped again)
  cb          breaker events
  err         malformed events; without a sink the first few are shown
What a sink does not take is sent again, --retries times at most, as the breakers let it pass. A batch that is
answered by 400, 413 or 422 is halved until the event is found that is at fault. What no try delivers
ends as failed; --failed SINK keeps it with the reason and the tries, and --again ships what is kept.
What a breaker refuses and no sink takes waits likewise. All give up after five minutes without success.

--dashboard HOST:PORT serves a live page of the breakers: which are open and why, rates and events of ten
minutes. There is no authentication: give 127.0.0.1, or an address that only you reach.

A pipeline, complete:
${indented(GUARDED, 2)}
Examples:
  bluesmoke run p.trickle --in events.ndjson --out http://localhost:8080/ --overflow refused.ndjson
  bluesmoke run p.trickle --in refused.ndjson --out http://localhost:8080/       ship those again
  bluesmoke run p.trickle --in failed.ndjson --again --out http://localhost:8080/    and those of --failed
  bluesmoke run p.trickle --in listen:http://127.0.0.1:8080/in --out tcp://127.0.0.1:7000
  bluesmoke run p.trickle --in - --out http://localhost:8080/ --dashboard 127.0.0.1:9300
  bluesmoke run p.trickle --in monday.ndjson --in tuesday.ndjson --out both.ndjson
  tail -f app.log | bluesmoke run p.trickle --in - --out - --port cb=breakers.ndjson > clean.ndjson

The summary goes to stdout, or to stderr if a sink is "-"; everything else goes to stderr.
At the end, delivered + overflow + err + failed + dropped + filtered = read, and the summary says so.
Exit codes: see bluesmoke --help.`;

export const CHECK_HELP = `
PIPELINE may be "-" for stdin. All errors that can be found are told at once, up to 100, each with its
line, what was expected there, and a hint; a fault in the grammar hides what comes after it. So are warnings,
about what can run but leads nowhere. Both go to stderr.
Ends with 0 if the pipeline is right, with 3 if it cannot be read or is wrong.`;

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

Without FILE: 200,000 flights of the npm package vega-datasets. Ends with 0 when every event is accounted
for, whatever became of it.

Examples:
  bluesmoke demo
  bluesmoke demo events.ndjson --rate 5000
  bluesmoke demo --dashboard                           watch it at http://127.0.0.1:9300/
  bluesmoke demo --scenario healthy:2,hanging:5,healthy:8`;
