/**
 * The options of `bluesmoke run`. Each is declared here and nowhere else: flags, keys of the config file, its JSON Schema
 * and the table in docs/command.md are made of this.
 */
import { readStoreUrl } from "../../brokers/fleet/store-url.ts";
import { resolveHttpOptions } from "../../connect/http/http-options.ts";
import {
  address,
  choice,
  decimal,
  endpointName,
  list,
  onOff,
  pairs,
  pemFile,
  secret,
  text,
  whole,
} from "./kind.ts";
import type { OptionSpec } from "./option.ts";

/** Bytes: the longest string that every supported engine holds is twice that. */
const LONGEST_TEXT = 268_435_456;
const HOUR_MS = 3_600_000;
const MOST_TRIES = 1_000_000;

/** Where `--dashboard` without an address listens. */
export const DASHBOARD_ADDRESS = "127.0.0.1:9300";

const SOURCES_AND_SINKS: readonly OptionSpec[] = [
  { key: "in", kind: list("<source>"), text: "where events come from; may be given several times" },
  { key: "out", kind: text("<sink>"), text: "where delivered events go: the port out" },
  { key: "overflow", kind: text("<sink>"), text: "where refused events go, as they were read" },
  {
    key: "failed",
    kind: text("<sink>"),
    text: "where events go that no try has delivered",
    initialText: "kept nowhere",
  },
  {
    key: "retries",
    kind: whole("<tries>", 0, MOST_TRIES),
    text: "of an event that a sink failed; 0: none",
    initial: 16, // with the waits between them 100 s, longer than a service takes to start again
  },
  {
    key: "retryFor",
    kind: whole("<seconds>", 0, 86_400),
    text: "an event is sent again, and all are while nothing at all is delivered",
    initial: 300,
  },
  {
    key: "maxWaiting",
    kind: whole("<events>", 1, 10_000_000),
    text: "that wait to be sent again, in memory; while so many wait, no source is read",
    initial: 20_000,
  },
  {
    key: "again",
    kind: onOff(),
    text: "the sources are files of --failed: ships the events that are kept in them",
  },
  {
    key: "port",
    kind: pairs("<name=sink>", {
      split: (given) => partsOf(/^([^=]+)=(.+)$/s.exec(given)),
      wanted: "NAME=SINK, such as audit=audit.ndjson",
    }),
    text: "any other port, as the pipeline made the event; may be given several times",
  },
  {
    key: "append",
    kind: onOff(),
    text: "add to the files of --out and --port instead of emptying them",
  },
];

const GENERAL: readonly OptionSpec[] = [
  {
    key: "workers",
    kind: whole("<threads>", 1, 62),
    text: "threads that share the files of --in, cut at lines, and their breakers",
    initial: 1,
  },
  {
    key: "endpoint",
    kind: endpointName("<name>"),
    text: "name of the breaker that the pipeline gives none",
  },
  {
    key: "record",
    kind: text("<file>"),
    text: "write the outcomes of all calls there at the end, for bluesmoke replay and tune",
  },
  {
    key: "seed",
    kind: whole("<number>", 0, Number.MAX_SAFE_INTEGER),
    text: "of the jitter of breakers",
    initialText: "by chance",
  },
  {
    key: "maxLine",
    kind: whole("<bytes>", 1, LONGEST_TEXT),
    text: "a longer line is malformed",
    initial: 1_048_576,
    to: "source.maximumLineBytes",
  },
  {
    key: "validate",
    kind: onOff(true),
    text: "do not look for malformed lines: they are passed on, where nothing reads their data",
    initial: true,
    to: "source.validate",
  },
  {
    key: "follow",
    kind: onOff(),
    text: "go on reading files that grow, through rotations",
    to: "source.follow",
  },
  {
    key: "position",
    kind: text("<file>"),
    text: "keep there how far the file of --in was read and delivered, and go on from there",
    to: "source.position",
  },
  {
    key: "rotateBytes",
    kind: whole("<bytes>", 65_536, Number.MAX_SAFE_INTEGER),
    text: "a file of a sink that has so many bytes is renamed, and a new one begun",
    initialText: "never",
  },
  {
    key: "rotate",
    kind: whole("<seconds>", 1, 31_622_400),
    text: "the same after so much time",
    initialText: "never",
  },
  { key: "json", kind: onOff(), text: "print the summary as one line of JSON" },
  { key: "quiet", kind: onOff(), text: "print nothing but the summary and errors" },
];

const CONNECTIONS: readonly OptionSpec[] = inGroup("Connections:", [
  {
    key: "probe",
    kind: onOff(true),
    text: "start even if nothing listens at the URL of a sink, or of a tcp:// source",
    initial: true,
    to: "tcp.probe",
  },
  {
    key: "reconnects",
    kind: whole("<tries>", 0, MOST_TRIES),
    text: "to connect again after a loss of tcp://",
    initialText: "no end",
    to: "tcp.reconnect.maximumRetries",
  },
  {
    key: "reconnectInterval",
    kind: whole("<ms>", 10, HOUR_MS),
    text: "until the first of these tries",
    initial: 500,
    to: "tcp.reconnect.intervalMs",
  },
  {
    key: "reconnectGrowth",
    kind: decimal("<factor>", 1, 100),
    text: "of the wait, from each try to the next",
    initial: 1.5,
    to: "tcp.reconnect.growthRate",
  },
  {
    key: "reconnectMaximum",
    kind: whole("<ms>", 10, 86_400_000),
    text: "no wait is longer",
    initial: 60_000,
    to: "tcp.reconnect.maximumIntervalMs",
  },
  {
    key: "reconnectJitter",
    kind: onOff(true),
    text: "wait exactly so long, and not a part of the growth by chance",
    initial: true,
    to: "tcp.reconnect.randomized",
  },
  {
    key: "tcpTimeout",
    kind: whole("<ms>", 1, HOUR_MS),
    text: "of a try to connect to tcp://, and of a write there that makes no progress",
    initial: 10_000,
    to: "tcp.timeoutMs",
  },
  {
    key: "tlsCa",
    kind: pemFile("<file>"),
    text: "https:// and tls://: certificates of the authorities that are trusted, in PEM",
    initialText: "those of Node",
    to: "tls.ca",
  },
  {
    key: "tlsCert",
    kind: pemFile("<file>"),
    text: "https:// and tls://: the certificate that this side shows, in PEM",
    to: "tls.cert",
  },
  { key: "tlsKey", kind: pemFile("<file>"), text: "the key of --tls-cert, in PEM", to: "tls.key" },
  {
    key: "tlsServerName",
    kind: text("<name>"),
    text: "https:// and tls://: the name that the certificate of the other side must have",
    initialText: "the host of the URL",
    to: "tls.serverName",
  },
  {
    key: "tlsVerify",
    kind: onOff(true),
    text: "https:// and tls://: take any certificate, for tests: anyone on the way can read and change the events",
    initial: true,
    to: "tls.verify",
  },
]);

const SERVERS: readonly OptionSpec[] = inGroup("Servers of ours, where a source is listen:…:", [
  {
    key: "maxConnections",
    kind: whole("<number>", 1, 65_535),
    text: "clients at once, at most",
    initial: 256,
    to: "listen.maximumConnections",
  },
  {
    key: "maxBody",
    kind: whole("<bytes>", 1, LONGEST_TEXT),
    text: "of one request; a larger one gets 413",
    initial: 2_097_152,
    to: "listen.maximumBodyBytes",
  },
  {
    key: "maxRequests",
    kind: whole("<number>", 1, 10_000),
    text: "at once; a further one gets 503",
    initial: 64,
    to: "listen.maximumRequests",
  },
  {
    key: "patience",
    kind: whole("<ms>", 0, HOUR_MS),
    text: "how long a request waits for the pipeline, until 503",
    initial: 1_000,
    to: "listen.patienceMs",
  },
  {
    key: "clientTimeout",
    kind: whole("<ms>", 100, HOUR_MS),
    text: "of a whole request to arrive",
    initial: 30_000,
    to: "listen.timeoutMs",
  },
  {
    key: "listenCert",
    kind: pemFile("<file>"),
    text: "listen:https:// and listen:tls://: the certificate, in PEM",
    to: "listen.tls.cert",
  },
  {
    key: "listenKey",
    kind: pemFile("<file>"),
    text: "the key of --listen-cert, in PEM",
    to: "listen.tls.key",
  },
  {
    key: "listenCa",
    kind: pemFile("<file>"),
    text: "clients must have a certificate of these authorities, in PEM",
    initialText: "clients need none",
    to: "listen.tls.ca",
  },
]);

const REQUESTS: readonly OptionSpec[] = inGroup("Requests, where a sink is http:// or https://:", [
  {
    key: "batchSize",
    kind: whole("<events>", 1, 100_000),
    text: "events in one request, at most",
    initial: 500,
    to: "http.batchSize",
  },
  {
    key: "batchBytes",
    kind: whole("<bytes>", 1, LONGEST_TEXT),
    text: "in one request before compression, at most; a larger event goes alone",
    initial: 1_000_000,
    to: "http.batchBytes",
  },
  {
    key: "linger",
    kind: whole("<ms>", 0, 60_000),
    text: "how long an event waits for others to share its request",
    initial: 5,
    to: "http.lingerMs",
  },
  {
    key: "inFlight",
    kind: whole("<requests>", 1, 1_000),
    text: "requests at once, at most",
    initial: 8,
    to: "http.requestsInFlight",
  },
  {
    key: "timeout",
    kind: whole("<ms>", 1, HOUR_MS),
    text: "of a whole request",
    initial: 10_000,
    to: "http.timeoutMs",
  },
  {
    key: "header",
    kind: pairs("<name:value>", {
      split: (given) => partsOf(/^([^:]+):\s*(.*)$/s.exec(given)),
      wanted: 'NAME:VALUE, such as "authorization: Bearer …"',
      check: (headers) => resolveHttpOptions({ headers }),
      isSecret: true,
    }),
    text: "sent with every request; may be given several times. The value may end with @env:NAME or @file:PATH",
    to: "http.headers",
  },
  {
    key: "user",
    kind: secret("<name:password>", (user) => resolveHttpOptions({ user })),
    text: "basic authentication for every request: NAME:PASSWORD, @env:NAME or @file:PATH",
    to: "http.user",
  },
  {
    key: "token",
    kind: secret("<token>", (token) => resolveHttpOptions({ token })),
    text: "bearer token for every request: the token, @env:NAME or @file:PATH",
    to: "http.token",
  },
  {
    key: "proxy",
    kind: secret("<url>", (proxy) => resolveHttpOptions({ proxy })),
    text: "http://[name:password@]host:port of a proxy for requests; @env:NAME or @file:PATH",
    initialText: "none",
    to: "http.proxy",
  },
]);

const SERVICE: readonly OptionSpec[] = inGroup("Service:", [
  {
    key: "stopTimeout",
    kind: whole("<seconds>", 0, 86_400),
    text: "of a stop by SIGTERM or SIGINT: what is not delivered by then fails, and goes to --failed",
    initialText: "no end",
  },
  {
    key: "status",
    kind: address("<host:port>", "127.0.0.1:9301"),
    text: "serve /health, /health/live, /health/ready and /metrics there",
  },
  {
    key: "fleet",
    kind: secret("<url>", readStoreUrl),
    text: "share what breakers count with other machines: redis://HOST:PORT/PREFIX or nats://…; @env:NAME or @file:PATH",
    initialText: "breakers act alone",
  },
]);

const FORMATS: readonly OptionSpec[] = inGroup("Bodies of requests:", [
  {
    key: "format",
    kind: choice("<name>", ["ndjson", "json", "elastic", "influx"]),
    text: "of the body of a request: ndjson, json (an array), elastic (_bulk), influx (line protocol)",
    initial: "ndjson",
    to: "http.format",
  },
  {
    key: "compress",
    kind: choice("<name>", ["none", "gzip", "zstd"]),
    text: "of the body of a request; zstd needs Node 22.15",
    initial: "none",
    to: "http.compress",
  },
  {
    key: "elasticIndex",
    kind: text("<name>"),
    text: "elastic: the index of each event",
    initialText: "that of the URL",
    to: "http.elastic.index",
  },
  {
    key: "elasticId",
    kind: text("<field>"),
    text: "elastic: the field whose value is the id; an event sent twice is there once",
    initialText: "made by the endpoint",
    to: "http.elastic.id",
  },
  {
    key: "elasticAction",
    kind: choice("<name>", ["create", "index"]),
    text: "elastic: create, or index, which replaces an event of the same id",
    initialText: "create",
    to: "http.elastic.action",
  },
  {
    key: "influxMeasurement",
    kind: text("<name>"),
    text: "influx: the measurement of each event",
    initialText: "events",
    to: "http.influx.measurement",
  },
  {
    key: "influxMeasurementField",
    kind: text("<field>"),
    text: "influx: the field that has the measurement",
    to: "http.influx.measurementField",
  },
  {
    key: "influxTag",
    kind: list("<field>"),
    text: "influx: a field that becomes a tag; may be given several times",
    to: "http.influx.tags",
  },
  {
    key: "influxField",
    kind: list("<field>"),
    text: "influx: a field to write; may be given several times",
    initialText: "all others",
    to: "http.influx.fields",
  },
  {
    key: "influxFloat",
    kind: list("<field>"),
    text: "influx: a field whose whole numbers are written as floats; may be given several times",
    to: "http.influx.floats",
  },
  {
    key: "influxTime",
    kind: text("<field>"),
    text: "influx: the field that has the time",
    initialText: "the time of the server",
    to: "http.influx.time",
  },
  {
    key: "influxPrecision",
    kind: choice("<unit>", ["s", "ms", "us", "ns"]),
    text: "influx: the unit of times that are numbers",
    initialText: "ms",
    to: "http.influx.precision",
  },
]);

/** Those of `run` and `demo`. */
export const DASHBOARD: readonly OptionSpec[] = inGroup("Dashboard:", [
  {
    key: "dashboard",
    kind: address("<host:port>", DASHBOARD_ADDRESS),
    text: "serve a live page of the breakers there",
  },
  {
    key: "dashboardControls",
    kind: onOff(),
    text: "the page can switch breakers: force open, disable, trip and others",
  },
]);

/** In the order of the help. */
export const RUN_TABLE: readonly OptionSpec[] = [
  ...SOURCES_AND_SINKS,
  ...GENERAL,
  ...CONNECTIONS,
  ...SERVERS,
  ...REQUESTS,
  ...FORMATS,
  ...SERVICE,
  ...DASHBOARD,
];

function inGroup(group: string, options: readonly OptionSpec[]): readonly OptionSpec[] {
  return options.map((option) => ({ ...option, group }));
}

/** Name and value that a pattern has found. */
function partsOf(found: RegExpExecArray | null): readonly [string, string] | undefined {
  const [, name, value] = found ?? [];
  return name === undefined || value === undefined ? undefined : [name.trim(), value];
}
