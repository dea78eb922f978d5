/** Options that are valid and cannot work: detectors that never open, probes that never close, times that contradict each other. */
import {
  type Backoff,
  type CircuitBreakerOptions,
  type Detector,
  policyOf,
  type ResolvedOptions,
  resolveOptions,
} from "../../breaker/options.ts";
import { numberOption, objectOption } from "../../breaker/validate.ts";

/** What is known of the calls; more findings with it. */
export interface Traffic {
  /** Calls a second of the endpoint: 0.000001..1,000,000,000. */
  readonly rate?: number | undefined;
  /** ms that a call usually takes: 0..86,400,000. */
  readonly latencyMs?: number | undefined;
  /** ms after which a call is given up: 1..86,400,000. Default: `timeoutMs` of the options. */
  readonly timeoutMs?: number | undefined;
}

/**
 * "never_opens": no detector can open the breaker. "inert": a part of the options never has an effect. "never_closes": no probe
 * succeeds. "contradiction": it works, but not as it reads.
 */
export type FindingKind = "never_opens" | "inert" | "never_closes" | "contradiction";

/** One thing that cannot work. */
export interface Finding {
  /** What the option leads to. */
  readonly kind: FindingKind;
  /** Path of the option, such as `detector.minimumCalls`. */
  readonly option: string;
  /** What is wrong, with values. */
  readonly message: string;
}

const DAY_MS = 86_400_000;
/** Of the calls, that take as long as they usually do, or longer. */
const USUAL_SHARE = 0.5;

/**
 * Findings about options, worst first; none where they can work.
 * @throws OptionError for options that are not valid
 */
export function checkOptions(options: CircuitBreakerOptions = {}, traffic: Traffic = {}): readonly Finding[] {
  const resolved = resolveOptions(options);
  const given = objectOption("traffic", traffic, ["rate", "latencyMs", "timeoutMs"]);
  const rate = optional("traffic.rate", given.rate, 1e-6, 1e9);
  const latencyMs = optional("traffic.latencyMs", given.latencyMs, 0, DAY_MS);
  const timeoutMs = optional("traffic.timeoutMs", given.timeoutMs, 1, DAY_MS) ?? resolved.timeoutMs;
  const known = { rate, latencyMs, timeoutMs };
  if (resolved.mode === "disabled" || resolved.mode === "forced_open") return [];
  return [
    ...detectorFindings(resolved, known),
    ...probeFindings(resolved, known),
    ...limitFindings(resolved, known),
  ];
}

interface Known {
  readonly rate: number | undefined;
  readonly latencyMs: number | undefined;
  readonly timeoutMs: number | undefined;
}

function optional(option: string, value: unknown, from: number, to: number): number | undefined {
  return value === undefined ? undefined : numberOption(option, value, { from, to });
}

/** Path of an option of one of the detectors. */
function pathIn(index: number, count: number, key: string): string {
  return count === 1 ? `detector.${key}` : `detector[${index}].${key}`;
}

function detectorFindings({ detector, overload }: ResolvedOptions, known: Known): Finding[] {
  const findings = detector.map((one, index) =>
    rulesOf(one, (key) => pathIn(index, detector.length, key), known),
  );
  const all = findings.flatMap(({ inert }) => inert);
  const rules = findings.reduce((sum, { working }) => sum + working, 0);
  if (rules > 0 || overload) return all;
  const causes = all.filter(({ kind }) => kind === "inert");
  const [first] = causes;
  const reasons = causes.map(({ message }) => message).join("; ");
  return [{ kind: "never_opens", option: first!.option, message: `the breaker never opens: ${reasons}` }];
}

/** What is wrong with a detector, and how many of its rules can trip. */
function rulesOf(
  one: Detector,
  path: (key: string) => string,
  { rate, latencyMs, timeoutMs }: Known,
): { readonly inert: readonly Finding[]; readonly working: number } {
  if (one.kind === "consecutive_failures") return { inert: [], working: 1 };
  const { requiredSuccessRate, minimumCalls, slowCallMs, maximumSlowRate } = one;
  const inert: Finding[] = [];
  const add = (key: string, message: string) => inert.push({ kind: "inert", option: path(key), message });
  let working = slowCallMs === undefined ? 1 : 2;
  if (requiredSuccessRate === 0) {
    add("requiredSuccessRate", "requiredSuccessRate 0 never opens it, no success rate is below 0");
    working--;
  }
  if (slowCallMs !== undefined && maximumSlowRate === 1) {
    add("maximumSlowRate", "maximumSlowRate 1 never opens it, no share of slow calls is above 1");
    working--;
  } else if (slowCallMs !== undefined && timeoutMs !== undefined && slowCallMs >= timeoutMs) {
    add(
      "slowCallMs",
      `slowCallMs ${slowCallMs} is not below the timeout of ${timeoutMs} ms, no call takes longer`,
    );
    working--;
  } else if (
    slowCallMs !== undefined &&
    latencyMs !== undefined &&
    slowCallMs < latencyMs &&
    maximumSlowRate! <= USUAL_SHARE
  ) {
    const message = `slowCallMs ${slowCallMs} is below the ${latencyMs} ms that a call usually takes: it opens though nothing is wrong`;
    inert.push({ kind: "contradiction", option: path("slowCallMs"), message });
  }
  if (one.kind === "success_rate_over_time_window") {
    const { windowMs, hungAfterMs } = one;
    if (hungAfterMs !== undefined && latencyMs !== undefined && hungAfterMs < latencyMs) {
      const message = `hungAfterMs ${hungAfterMs} is below the ${latencyMs} ms that a call usually takes: calls under way count as failures, and it opens though nothing is wrong`;
      inert.push({ kind: "contradiction", option: path("hungAfterMs"), message });
    }
    if (hungAfterMs !== undefined && timeoutMs !== undefined && hungAfterMs >= timeoutMs) {
      add(
        "hungAfterMs",
        `hungAfterMs ${hungAfterMs} is not below the timeout of ${timeoutMs} ms, no call hangs as long`,
      );
    }
    const most = rate === undefined ? Infinity : mostCallsIn(windowMs, rate);
    if (minimumCalls > most) {
      const calls = `${rate} calls a second are at most ${most} in windowMs ${windowMs}`;
      add("minimumCalls", `minimumCalls ${minimumCalls} is never reached, ${calls}`);
      working = 0;
    }
  }
  return { inert, working };
}

/** Calls at even distances that a window of that length holds at most. */
function mostCallsIn(windowMs: number, rate: number): number {
  return Math.ceil((windowMs * rate) / 1_000);
}

function probeFindings(
  { halfOpen, backoff, ...options }: ResolvedOptions,
  { latencyMs, timeoutMs }: Known,
): Finding[] {
  const { probeTimeoutMs, ramp } = halfOpen;
  const findings: Finding[] = [];
  const option = "halfOpen.probeTimeoutMs";
  if (latencyMs !== undefined && timeoutMs !== undefined && latencyMs >= timeoutMs) {
    const message = `the breaker never closes: a call takes ${latencyMs} ms, and is given up after ${timeoutMs} ms`;
    findings.push({ kind: "never_closes", option: "timeoutMs", message });
  } else if (latencyMs !== undefined && latencyMs > probeTimeoutMs) {
    const message = `the breaker never closes: a call takes ${latencyMs} ms, and a probe has failed after probeTimeoutMs ${probeTimeoutMs}`;
    findings.push({ kind: "never_closes", option, message });
  } else if (timeoutMs !== undefined && probeTimeoutMs < timeoutMs) {
    const message = `probeTimeoutMs ${probeTimeoutMs} is below the timeout of ${timeoutMs} ms: a probe that succeeds between them counts as failed`;
    findings.push({ kind: "contradiction", option, message });
  }
  if (ramp && timeoutMs !== undefined && ramp.stepMs < timeoutMs) {
    const message = `stepMs ${ramp.stepMs} of the ramp is below the timeout of ${timeoutMs} ms: what a share has done wrong is not known before the next one begins`;
    findings.push({ kind: "contradiction", option: "halfOpen.ramp.stepMs", message });
  }
  const longest = longestDelayOf(backoff, options as ResolvedOptions, halfOpen);
  if (timeoutMs !== undefined && longest < timeoutMs) {
    const message = `no delay is longer than ${longest} ms, below the timeout of ${timeoutMs} ms: calls of before it opened are still out when probes begin`;
    findings.push({ kind: "contradiction", option: "backoff", message });
  }
  return findings;
}

/** ms: without jitter. */
function longestDelayOf(
  backoff: Backoff,
  options: ResolvedOptions,
  halfOpen: ResolvedOptions["halfOpen"],
): number {
  return Math.max(...policyOf({ ...options, backoff, halfOpen }).delaysMs);
}

function limitFindings(
  { detector, overload, maximumPending }: ResolvedOptions,
  { rate, latencyMs }: Known,
): Finding[] {
  const findings: Finding[] = [];
  const index = detector.findIndex(({ kind }) => kind === "success_rate_over_time_window");
  const window = detector[index];
  if (overload && window?.kind === "success_rate_over_time_window") {
    const { requiredSuccessRate } = window;
    if (requiredSuccessRate >= overload.successRate) {
      const message = `requiredSuccessRate ${requiredSuccessRate} is not below successRate ${overload.successRate} of the throttle: it opens before the throttle works`;
      findings.push({
        kind: "contradiction",
        option: pathIn(index, detector.length, "requiredSuccessRate"),
        message,
      });
    }
  }
  if (maximumPending !== undefined && rate !== undefined && latencyMs !== undefined) {
    const pending = (rate * latencyMs) / 1_000;
    if (pending > maximumPending) {
      const message = `maximumPending ${maximumPending} is below the ${Math.round(pending)} calls that are out at ${rate} calls a second of ${latencyMs} ms: some are always refused`;
      findings.push({ kind: "contradiction", option: "maximumPending", message });
    }
  }
  return findings;
}
