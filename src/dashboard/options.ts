/** The options of a dashboard, checked. */
import { numberOption, objectOption, wrongType } from "../breaker/validate.ts";

/** How long the calls of a breaker took, in ms: a `LatencySnapshot` of `bluesmoke/latency` is one. */
export interface DashboardLatency {
  /** Half of the calls took that long at most. */
  readonly p50Ms: number;
  /** 99 % did. */
  readonly p99Ms: number;
}

/** Whether a request may use the switches; called after the check of its origin. */
export type Authorize = (request: Request) => boolean | PromiseLike<boolean>;

/** What the page shows and allows. */
export interface DashboardOptions {
  /** The heading of the page. 1..100 characters, default "bluesmoke". */
  readonly title?: string | undefined;
  /**
   * Whether the page has switches: force open, disable, enable, shadow, trip, reset. A function decides for each request: true
   * if it may. Default false. Every switch must come from a page of the same origin, whatever this says.
   */
  readonly controls?: boolean | Authorize | undefined;
  /** Breakers in the table, those in trouble first, then those with most calls. 1..5,000, default 1,000. */
  readonly maximum?: number | undefined;
  /**
   * "connected": history of ten minutes grows while a page is connected, and is forgotten 60 s after the last one has gone.
   * "always": it grows from now on, by a timer of 1 s, until `close`. About 10 kB a breaker in the table; default "connected".
   */
  readonly history?: "connected" | "always" | undefined;
  /**
   * The latency of a breaker by its name, where the program measures it, such as
   * `(name) => latencies.get(name)?.snapshot()`. Called once a second for each breaker in the table. Default: none.
   */
  readonly latency?: ((endpoint: string) => DashboardLatency | undefined) | undefined;
}

/** Checked, with defaults. */
export interface ResolvedOptions {
  readonly title: string;
  readonly controls: boolean | Authorize;
  readonly maximum: number;
  readonly history: "connected" | "always";
  readonly latency: DashboardOptions["latency"];
}

const KEYS = ["title", "controls", "maximum", "history", "latency"];
const HIGHEST_MAXIMUM = 5_000;
const LONGEST_TITLE = 100;

/** @throws OptionError */
export function resolveOptions(options: DashboardOptions | undefined): ResolvedOptions {
  const { title = "bluesmoke", controls = false, maximum, history = "connected", latency } = read(options);
  if (typeof title !== "string" || title.length < 1 || title.length > LONGEST_TITLE)
    throw wrongType("title", `a string of 1 to ${LONGEST_TITLE} characters`, title);
  if (typeof controls !== "boolean" && typeof controls !== "function")
    throw wrongType("controls", "true, false or a function", controls);
  if (history !== "connected" && history !== "always")
    throw wrongType("history", 'one of "connected", "always"', history);
  if (latency !== undefined && typeof latency !== "function")
    throw wrongType("latency", "a function", latency);
  const range = { from: 1, to: HIGHEST_MAXIMUM, whole: true };
  return {
    title,
    controls: controls as boolean | Authorize,
    maximum: numberOption("maximum", maximum, range, 1_000),
    history,
    latency: latency as ResolvedOptions["latency"],
  };
}

function read(options: unknown): Record<string, unknown> {
  return objectOption("options", options, KEYS) as Record<string, unknown>;
}

/** @throws OptionError for what is no registry, from whichever entry or copy of the library. */
export function checkRegistry(registry: unknown): void {
  const { _engine, _core, peek, on } = Object(registry) as Record<string, unknown>;
  if (_engine && _core && typeof peek === "function" && typeof on === "function") return;
  const hint = Object(registry).execute ? ": give the registry of the breaker, not the breaker" : "";
  throw wrongType("registry", `a CircuitBreakerRegistry${hint}`, registry);
}
