import { describe, expect, it } from "vitest";
import { BREAKER } from "../../../src/breaker/options.ts";
import { isOptionError } from "../../../src/breaker/validate.ts";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { CATALOG } from "../../../src/flow/operators/catalog.ts";
import { graphOf } from "../graph-fixture.ts";
import { circuitBreaker, operatorOf } from "./guarded.ts";

function faultOf(options: Record<string, unknown>, type = "qos::circuit_breaker"): [string, string] {
  try {
    CATALOG.get(type)?.read(options);
  } catch (error) {
    if (isOptionError(error)) return [error.option, error.message];
    throw error;
  }
  return ["", "no fault"];
}

/** Options without which an operator cannot be. */
const REQUIRED: Record<string, Record<string, unknown>> = {
  "qos::backpressure": { timeout: 1 },
  "generic::backpressure": { timeout: 1 },
  "qos::percentile": { timeout: 1 },
  "generic::batch": { count: 1 },
};

describe("the catalog", () => {
  it("makes operators with the ports that it promises", () => {
    const host = { registry: new CircuitBreakerRegistry() };
    for (const [type, definition] of CATALOG) {
      const operator = definition.create(definition.read(REQUIRED[type] ?? {}), host);
      expect(definition.type).toBe(type);
      expect([operator.inputs, operator.outputs]).toEqual([definition.inputs, definition.outputs]);
    }
  });

  it("takes every option of a breaker in snake_case, at every depth", () => {
    const registry = new CircuitBreakerRegistry();
    const options = {
      detector: [
        {
          kind: "success_rate_over_time_window",
          required_success_rate: 0.5,
          minimum_calls: 7,
          window_ms: 5_000,
          buckets: 5,
        },
        { kind: "success_rate_over_count_window", calls: 50, slow_call_ms: 100, maximum_slow_rate: 0.1 },
        { kind: "consecutive_failures", failures: 3 },
      ],
      backoff: { kind: "exponential", initial_ms: 10, factor: 3, maximum_ms: 100, jitter: "none" },
      decay_ms: 5,
      half_open: { probes: 2, successes_to_close: 3, probe_timeout_ms: 400 },
      mode: "shadow",
      endpoint: "api",
      method: "discard",
    };
    graphOf({ cb: circuitBreaker(options, registry) }, "in > cb");
    expect(registry.get("api").options).toMatchObject({
      detector: [
        { requiredSuccessRate: 0.5, minimumCalls: 7, windowMs: 5_000, buckets: 5 },
        { calls: 50, slowCallMs: 100, maximumSlowRate: 0.1 },
        { failures: 3 },
      ],
      backoff: { kind: "exponential", initialMs: 10, factor: 3, maximumMs: 100, jitter: "none" },
      decayMs: 5,
      halfOpen: { probes: 2, successesToClose: 3, probeTimeoutMs: 400 },
      mode: "shadow",
    });
  });

  it("takes a detector without a kind, as the library does", () => {
    const registry = new CircuitBreakerRegistry();
    graphOf({ cb: circuitBreaker({ detector: { minimum_calls: 5 } }, registry) }, "in > cb");
    expect(registry.get("cb").snapshot()).toMatchObject({ calls: 0 });
    expect(JSON.stringify(registry.get("cb").options)).toContain('"minimumCalls":5');
  });

  it("has every option of the table of breakers, and no default of calls", () => {
    const [, message] = faultOf({ colour: 1 });
    const names = Object.keys(BREAKER).map((name) =>
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
    expect(message).toContain(
      `expected one of ${names.join(", ")}, endpoint, method, idle_ms, maximum_breakers`,
    );
    expect(faultOf({ timeout_ms: 5 })[1]).toBe(
      'unknown option "timeout_ms"; timeout_ms is an option of calls',
    );
    expect(faultOf({ slow_call_ms: 5 })[1]).toContain("slow_call_ms is an option of detector");
  });

  it("takes a function as backoff, as the library does", () => {
    const registry = new CircuitBreakerRegistry();
    graphOf({ cb: circuitBreaker({ backoff: (level: number) => 10 + level }, registry) }, "in > cb");
    const { backoff } = registry.get("cb").options;
    expect(backoff.kind === "steps" && backoff.delaysMs.slice(0, 3)).toEqual([10, 11, 12]);
  });

  it.each([
    [
      { colour: 1 },
      "colour",
      'unknown option "colour"; expected one of detector, backoff, decay_ms, half_open, overload, maximum_pending, mode, endpoint, method, idle_ms, maximum_breakers',
    ],
    [{ decay_ms: -1 }, "decay_ms", "decay_ms must be 0 to 86400000, got -1"],
    [{ decay_ms: "1s" }, "decay_ms", 'decay_ms must be 0 to 86400000, got "1s"'],
    [
      { half_open: { probes: 0 } },
      "half_open.probes",
      "half_open.probes must be a whole number from 1 to 64, got 0",
    ],
    [
      { half_open: { probe_timeout: 1 } },
      "half_open.probe_timeout",
      'unknown option "half_open.probe_timeout"; expected one of probes, successes_to_close, tolerated_failures, probe_timeout_ms, ramp; did you mean "probe_timeout_ms"?',
    ],
    [
      {
        detector: [
          { kind: "consecutive_failures" },
          { kind: "success_rate_over_time_window", window_ms: Number.NaN },
        ],
      },
      "detector[1].window_ms",
      "detector[1].window_ms must be 1 to 86400000, got NaN",
    ],
    [
      { half_open: { ramp: { step_ms: 0 } } },
      "half_open.ramp.step_ms",
      "half_open.ramp.step_ms must be 1 to 86400000, got 0",
    ],
    [
      { half_open: { ramp: {} }, method: "pause" },
      "half_open.ramp",
      'half_open.ramp must be left out where method is "pause", got an object',
    ],
    [{ method: "drop" }, "method", 'method must be one of "discard", "pause", got "drop"'],
    [
      { endpoint: "" },
      "endpoint",
      'endpoint must be a name of 1 to 1024 characters or taken from the event, got ""',
    ],
    [
      { endpoint: () => "a", method: "pause" },
      "endpoint",
      'endpoint must be one name where method is "pause", got a function',
    ],
    [
      { mode: "halfOpen" },
      "mode",
      'mode must be one of "enabled", "disabled", "forced_open", "shadow", got "halfOpen"',
    ],
  ])("refuses %j and names the option, what is allowed and what was given", (options, option, message) => {
    expect(faultOf(options)).toEqual([option, message]);
  });

  it("refuses the camelCase spelling of an option, at every depth", () => {
    expect(faultOf({ decayMs: 1 })).toEqual([
      "decayMs",
      'unknown option "decayMs"; in a pipeline it is decay_ms',
    ]);
    expect(faultOf({ half_open: { probeTimeoutMs: 1 } })).toEqual([
      "half_open.probeTimeoutMs",
      'unknown option "half_open.probeTimeoutMs"; in a pipeline it is half_open.probe_timeout_ms',
    ]);
    expect(faultOf({ detector: [{ windowMs: 1 }] })[0]).toBe("detector[0].windowMs");
  });

  it.each([
    ["qos::backpressure", {}, "timeout must be 0 to 86400000000000, got undefined"],
    ["qos::backpressure", { timeout: -1 }, "timeout must be 0 to 86400000000000, got -1"],
    ["qos::backpressure", { timeout: 1, steps: 50 }, "steps must be 1 to 64 numbers, got 50"],
    ["qos::backpressure", { timeout: 1, steps: [] }, "steps must be 1 to 64 numbers, got an array of 0"],
    ["qos::backpressure", { timeout: 1, steps: [5, 0] }, "steps[1] must be 1 to 86400000, got 0"],
    [
      "qos::backpressure",
      { timeout: 1, method: "stop" },
      'method must be one of "discard", "pause", got "stop"',
    ],
    [
      "qos::backpressure",
      { timout: 1 },
      'unknown option "timout"; expected one of timeout, steps, method; did you mean "timeout"?',
    ],
    ["qos::percentile", { step_up: 0.1 }, "timeout must be 0 to 86400000000000, got undefined"],
    ["qos::percentile", { timeout: 1, step_down: 2 }, "step_down must be 0 to 1, got 2"],
    [
      "qos::percentile",
      { timeout: 1, stepUp: 0 },
      'unknown option "stepUp"; expected one of timeout, step_down, step_up; did you mean "step_up"?',
    ],
    ["qos::roundrobin", { outputs: "a" }, 'outputs must be a list of names of ports, got "a"'],
    ["qos::roundrobin", { outputs: [] }, "outputs must be 1 to 64 names, got an array of 0"],
    [
      "qos::roundrobin",
      { outputs: ["a", "a"] },
      'outputs[1] must be a name that is not there twice, and not "overflow" or "err", got "a"',
    ],
    [
      "qos::roundrobin",
      { outputs: ["overflow"] },
      'outputs[0] must be a name that is not there twice, and not "overflow" or "err", got "overflow"',
    ],
    ["generic::batch", {}, "count must be a whole number from 1 to 1000000, got undefined"],
    ["generic::batch", { count: 1.5 }, "count must be a whole number from 1 to 1000000, got 1.5"],
    ["generic::batch", { count: 1, timeout: "1s" }, 'timeout must be 0 to 86400000000000, got "1s"'],
  ])("refuses for %s the options %j", (type, options, message) => {
    const [option, said] = faultOf(options, type);
    expect(said).toBe(message);
    expect(message).toContain(option);
  });

  it("knows the outputs of an operator whose options name them", () => {
    const definition = CATALOG.get("qos::roundrobin");
    expect(definition?.outputsFor?.(definition.read({ outputs: ["a", "b"] }))).toEqual([
      "a",
      "b",
      "overflow",
    ]);
    const operator = operatorOf(
      "qos::roundrobin",
      { outputs: ["a", "b"] },
      { registry: new CircuitBreakerRegistry() },
    );
    expect(operator.outputs).toEqual(["a", "b", "overflow"]);
  });

  it("reads what is written before it misses what is required", () => {
    expect(faultOf({ method: "stop" }, "qos::backpressure")[0]).toBe("method");
    expect(faultOf({ step_up: 2 }, "qos::percentile")[0]).toBe("step_up");
    expect(faultOf({ timeout: -1 }, "generic::batch")[0]).toBe("timeout");
  });

  it("makes any number of operators from options that were read once", () => {
    const host = { registry: new CircuitBreakerRegistry() };
    const options = { endpoint: "a", detector: { kind: "consecutive_failures", failures: 3 } };
    const definition = CATALOG.get("qos::circuit_breaker")!;
    const settings = definition.read(options);
    options.detector.failures = -1;
    const [first, second] = [definition.create(settings, host), definition.create(settings, host)];
    graphOf({ first, second }, "in > first", "first > second");
    expect(host.registry.get("a").options.detector).toMatchObject([{ failures: 3 }]);
  });

  it("refuses any option of passthrough", () => {
    expect(faultOf({ x: 1 }, "passthrough")[0]).toBe("x");
    expect(faultOf({}, "generic::passthrough")[1]).toBe("no fault");
  });
});

describe("the endpoint of a circuit breaker operator", () => {
  it("is what its options say, else what the host says, else the name of its node", () => {
    const registry = new CircuitBreakerRegistry();
    const named = operatorOf("qos::circuit_breaker", { endpoint: "mine" }, { registry, endpoint: "host" });
    const hosted = operatorOf("qos::circuit_breaker", {}, { registry, endpoint: "host" });
    graphOf({ a: named, b: hosted, c: circuitBreaker({}, registry) }, "in > a", "a > b", "b > c");
    expect([...registry].map((breaker) => breaker.name).sort()).toEqual(["c", "host", "mine"]);
  });

  it("cannot have two breakers of different options, of which one would be ignored", () => {
    const registry = new CircuitBreakerRegistry();
    const of = (options: Record<string, unknown>) =>
      circuitBreaker({ endpoint: "api", ...options }, registry);
    graphOf({ a: of({ decay_ms: 5 }), b: of({ decay_ms: 5 }), c: of({}) }, "in > a", "in > b", "in > c");
    expect(() => graphOf({ d: of({ decay_ms: 6 }) }, "in > d")).toThrow(
      'the endpoint "api" has a breaker with other options already',
    );
  });
});
