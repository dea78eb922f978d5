/** The text of `bluesmoke run --help` below the list of options. */
import { GUARDED, indented } from "../demo/pipelines.ts";

export const RUN_HELP = `
Sources (--in):
  PATH        newline-delimited JSON, a line for each event; a file whose name ends in .json
              may also be one JSON array
  -           the same from stdin
  tcp://HOST:PORT                  lines from a server; a lost connection is tried again,
                                   --reconnects 0: its end is the end of the run
  listen:tcp://HOST:PORT           lines from clients that connect
  listen:http://HOST:PORT/PATH     POST of lines, or of a JSON array: 202 when the pipeline has taken
                                   them; 503 and Retry-After while a breaker with method = "pause" is
                                   open, a sink is broken, or all are busy. Port 0: any that is free
  tls://…, listen:tls://…, listen:https://…    the same with TLS: --tls-ca and others, or --listen-cert
                                   and --listen-key
  kafka://HOST:PORT/TOPIC?group=G, nats://HOST:PORT/STREAM?durable=D, redis://HOST:PORT/KEY?group=G
                                   messages of a broker, committed when they are delivered; each needs
                                   its client installed: docs/brokers.md
  Several are read side by side, and the run ends when all have ended; an error of one ends it for all.
Sinks (--out, --overflow, --port):
  PATH        newline-delimited JSON; the file is emptied when the run starts, unless --append. Files of
              --overflow, --failed and --port err=PATH are added to: they hold what earlier runs kept
  -           the same to stdout
  http(s)://… POST of newline-delimited JSON in batches: 2xx is success; anything else, a timeout
              or a broken connection is a failure; Retry-After is obeyed
  tcp://HOST:PORT  lines to a server; a lost connection is tried again, and the source waits; tls:// with TLS
  kafka://HOST:PORT/TOPIC, nats://HOST:PORT/STREAM, redis://HOST:PORT/KEY  a message for each event
  null:       counts, and throws away

Ports: a pipeline sends events to its ports by "into out/NAME". Beside out there are by custom
  overflow    events that a breaker refused (kept by --overflow FILE, they can be shipped again)
  cb          breaker events
  err         malformed events; without a sink the first few are shown
What a sink does not take is sent again, --retries times at most, as the breakers let it pass. A batch that is
answered by 400, 413 or 422 is halved until the event is found that is at fault. What no try delivers
ends as failed; --failed SINK keeps it with the reason and the tries, and --again ships what is kept.
What a breaker refuses and no sink takes waits likewise. All give up after five minutes without success.

--config FILE has options as keys in camelCase, with comments; "pipeline" may be in it, and strings may have
\${NAME} of the environment. Flags win over it. bluesmoke check --config FILE checks it and opens nothing.

Secrets: --user, --token, --proxy and the values of --header take @env:NAME (a variable) and @file:PATH
(a file) instead of what the list of processes shows: --header "authorization: Bearer @env:TOKEN".

--workers N cuts regular files at lines, one part for each of N threads, which share breakers; counts are
added up. There is no order between threads, each has --in-flight requests, and no sink may be stdout.

SIGHUP opens files again, such as after a rotation. SIGTERM and SIGINT end what is under way, within
--stop-timeout. --status HOST:PORT serves /health/live (503 where a restart may help), /health/ready (503
while a breaker is open for over 30 s, while it starts and stops) and /metrics for Prometheus, on the same
port as --dashboard if that is the same.

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
  bluesmoke run p.trickle --in big.ndjson --out http://localhost:8080/ --workers 2
  bluesmoke run --config /etc/bluesmoke/ship.jsonc --status 127.0.0.1:9301
  tail -f app.log | bluesmoke run p.trickle --in - --out - --port cb=breakers.ndjson > clean.ndjson

The summary goes to stdout, or to stderr if a sink is "-"; everything else goes to stderr.
At the end, delivered + overflow + err + failed + dropped + filtered = read, and the summary says so.
Exit codes: see bluesmoke --help.`;
