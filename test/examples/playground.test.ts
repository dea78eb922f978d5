import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bluesmoke } from "../../bench/goodput/bluesmoke.ts";
import { policyOfGates } from "../../bench/goodput/policy.ts";
import { simulate } from "../../bench/goodput/simulation.ts";
import { chartDataOf } from "../../examples/playground/chart-data.ts";
import { valueAt } from "../../examples/playground/controls.ts";
import { FIELDS, type Values } from "../../examples/playground/fields.ts";
import { Lab, lengthOf, MOST_SECONDS, OPEN } from "../../examples/playground/lab.ts";
import { HEALTHY, hashOf, INITIAL, stateOf } from "../../examples/playground/link.ts";
import { codeOf, optionsOf, POLICIES } from "../../examples/playground/policies.ts";
import { PRESETS } from "../../examples/playground/presets.ts";
import { aboutTrace, readBytes, replayTrace } from "../../examples/playground/trace.ts";
import { resolveOptions } from "../../src/breaker/options.ts";
import { CircuitBreaker } from "../../src/entry/main.ts";
import type { Setting } from "../../src/replay/scenario/world.ts";

const SETTING = { callsPerSecond: 30, clients: 1, answerMs: 100, failureCost: 0 };

/** Plays a preset to its end. */
function play(id: string, values: Values = {}, setting: Partial<Setting> = {}) {
  const { scenario } = PRESETS.find((one) => one.id === id)!;
  const policies = POLICIES.map((one) => ({ id: one.id, options: optionsOf(one.id, values) }));
  const { phases, ...rest } = scenario;
  const lab = new Lab({
    setting: { ...SETTING, ...setting },
    scenario: { ...rest, phaseOf: (index) => phases[index] },
    policies,
  });
  expect(lab.advance(lengthOf(phases))).toBe(true);
  lab.drain();
  return { lab, scenario };
}

describe("the simulation of the playground", () => {
  it.each(PRESETS.map(({ id }) => id))("has the figures of the scoreboard: %s", async (id) => {
    const { lab, scenario } = play(id);
    const peers = {
      none: policyOfGates("none", () => ({ admit: () => 1, succeed() {}, fail() {} })),
      consecutive: bluesmoke("consecutive", { detector: "consecutive_failures" }),
      breaker: bluesmoke("breaker", {}),
      throttle: bluesmoke("throttle", { overload: "throttle" }),
    };
    for (const lane of lab.lanes) {
      const { world } = lane;
      const figures = await simulate(peers[lane.id], scenario, SETTING);
      expect(world.figures(lane.id), lane.id).toEqual(figures);
      const sum = (column: readonly number[]) => column.reduce((all, one) => all + one, 0);
      expect(sum(lane.columns.good), lane.id).toBe(figures.good);
      expect(sum(lane.columns.failed), lane.id).toBe(figures.failed);
      expect(sum(lane.columns.refused), lane.id).toBe(figures.refused);
    }
  });

  it("shows what the page says of an endpoint with a third of its capacity, and of one that hangs", () => {
    const worldsOf = (...parameters: Parameters<typeof play>) =>
      Object.fromEntries(play(...parameters).lab.lanes.map(({ id, world }) => [id, world]));
    const load = { callsPerSecond: 100 };
    const third = worldsOf("third", {}, load);
    expect(third.breaker!.good).toBeLessThan(0.7 * third.none!.good);
    expect(third.throttle!.good).toBeGreaterThan(0.99 * third.none!.good);
    const healthy = 6_000; // of the minute without trouble
    const dear = worldsOf("third", {}, { ...load, failureCost: 0.5 });
    expect(dear.none!.good - healthy).toBeLessThan(20);
    expect(dear.throttle!.good - healthy).toBeGreaterThan(3_000);
    expect(Math.max(dear.breaker!.good, dear.consecutive!.good)).toBeLessThan(healthy);
    const patient = { ...load, timeoutMs: 5_000 };
    const [late, soon] = [{}, { hungAfterMs: 500 }].map(
      (values) => worldsOf("hang", values, patient).breaker!.reaction().noticeMs!,
    );
    expect(soon! / late!).toBeCloseTo(0.5, 1);
  });

  it("stops where it is late, and goes on", () => {
    const { lab } = play("outage");
    const again = new Lab(lab.play);
    let seconds = 0;
    expect(again.advance(120_000, () => seconds++ === 7)).toBe(false);
    expect(again.nowMs).toBe(7_000);
    expect(again.advance(120_000)).toBe(true);
    again.drain();
    expect(again.lanes.map(({ world }) => world.good)).toEqual(lab.lanes.map(({ world }) => world.good));
  });

  it("forgets the oldest seconds of a play without end, and knows how many", () => {
    const lab = new Lab({
      setting: { ...SETTING, callsPerSecond: 1 },
      scenario: { name: "", troubleFromMs: 0, troubleToMs: 0, phaseOf: () => ({ lengthMs: 1_000 }) },
      policies: [{ id: "none", options: undefined }],
    });
    lab.advance((MOST_SECONDS + 5) * 1_000);
    const [lane] = lab.lanes;
    expect(lane!.columns.good.length + lane!.forgotten).toBe(MOST_SECONDS + 5);
    expect(lane!.columns.good.length).toBeLessThanOrEqual(MOST_SECONDS);
    expect(lane!.forgotten).toBeGreaterThan(0);
  });

  it("shows open in a bar in which the breaker was open for a second", () => {
    const { lab } = play("outage");
    const { columns } = lab.lanes.find(({ id }) => id === "breaker")!;
    const open = columns.state.flatMap((state, second) => (state === OPEN ? [second] : []));
    const data = chartDataOf(columns, 0, [0, 3_600], { marks: [], highest: 1 });
    expect(data.width).toBe(10);
    const bars = data.times.filter((_, at) => data.state[at] === OPEN);
    expect(bars).toEqual([...new Set(open.map((second) => Math.floor(second / 10) * 10))]);
    expect(data.good[0]).toBe(columns.good.slice(0, 10).reduce((all, one) => all + one, 0) / 10);
  });
});

describe("the options of the playground", () => {
  it("sets no option where nothing is set", () => {
    expect(POLICIES.map(({ id }) => optionsOf(id, {}))).toEqual([
      undefined,
      { detector: "consecutive_failures" },
      {},
      { overload: "throttle" },
    ]);
  });

  it("has valid options at both ends of every slider, for every policy", () => {
    for (const field of FIELDS) {
      if (field.kind !== "number") continue;
      for (const place of [0, 100, 200]) {
        const value = valueAt(place, field.low, field.high, field.unit, field.whole);
        const values: Record<string, number | string | boolean> = { [field.id]: value };
        if (field.id === "maximumSlowRate") values.slowCallMs = 100;
        if (field.id === "calls") values.window = "count";
        if (field.id === "delayMs") values.backoff = "constant";
        if (field.id === "stepMs") values.ramp = true;
        // Ranges that another option limits.
        if (field.id === "initialMs") values.maximumMs = 300_000;
        if (field.id === "calls") values.minimumCalls = 1;
        if (field.id === "maximumMs") values.initialMs = 50;
        for (const { id } of POLICIES) {
          expect(() => resolveOptions(optionsOf(id, values)), `${field.id} ${value}`).not.toThrow();
        }
      }
    }
  });

  it("are the ones of a breaker that runs the code", () => {
    const values: Values = {
      windowMs: 5_000,
      slowCallMs: 400,
      maximumSlowRate: 0.3,
      alsoInARow: true,
      failures: 7,
      backoff: "steps",
      delaysMs: [100, 2_000],
      jitter: "full",
      decayMs: 0,
      probes: 3,
      ramp: true,
      shares: [0.2, 0.6],
      maximumRefused: 0.5,
      maximumPending: 1_000,
    };
    for (const { id } of POLICIES.slice(1)) {
      const options = optionsOf(id, values)!;
      const code = codeOf(options, 800);
      const body = code.replace(/^import .*$/m, "").replace("const breaker =", "return");
      const breaker = new Function("CircuitBreaker", body)(CircuitBreaker) as CircuitBreaker;
      expect(breaker.options).toEqual(resolveOptions({ ...options, timeoutMs: 800 }));
      expect(code.split("\n").every((line) => line.length <= 100)).toBe(true);
    }
  });

  it("are written on one line where they are short, with separated thousands", () => {
    expect(codeOf({ detector: { windowMs: 20_000 } }, 1_000)).toBe(
      `import { CircuitBreaker } from "bluesmoke";

const breaker = new CircuitBreaker("endpoint", {
  detector: { windowMs: 20_000 },
  timeoutMs: 1_000,
});
`,
    );
  });
});

describe("a link to the playground", () => {
  it("is empty at first, and carries what is no default", () => {
    expect(hashOf(INITIAL)).toBe("");
    const state = {
      preset: "hand",
      world: { ...HEALTHY, load: 250, capacity: 80, queues: true },
      speed: 1_000,
      repeats: true,
      values: { windowMs: 5_000, delaysMs: [100, 200], backoff: "steps", ramp: true },
    } as const;
    const hash = hashOf(state);
    expect(hash).toBe(
      "preset=hand&load=250&capacity=80&queues=true&speed=1000&repeat=true&windowMs=5000&backoff=steps&delaysMs=100,200&ramp=true",
    );
    expect(stateOf(`#${hash}`)).toEqual({ state, problems: [] });
  });

  it("names what it says wrongly, and keeps the rest", () => {
    const { state, problems } = stateOf(
      "#load=0&windowMs=x&backoff=linear&windowMS=1&capacity=20&__proto__=1",
    );
    expect(problems).toEqual([
      'load must be 1 to 1000, got "0"',
      'windowMs must be 1 to 86400000, got "x"',
      'backoff must be one of exponential, constant, steps, got "linear"',
      '"windowMS=1" is unknown',
      '"__proto__=1" is unknown',
    ]);
    expect(state).toEqual({ ...INITIAL, world: { ...HEALTHY, capacity: 20 } });
  });
});

describe("a trace on the playground", () => {
  const lines = Array.from({ length: 3_000 }, (_, call) =>
    JSON.stringify({
      endpoint: "pay",
      time: 1_700_000_000_000 + call * 20,
      durationMs: 10,
      ok: call < 1_000 || call >= 2_000,
    }),
  );
  const bytes = (text: string) => new TextEncoder().encode(text);

  it("is replayed with every policy", () => {
    const loaded = readBytes("pay.ndjson", bytes(lines.join("\n")), {});
    if (!("trace" in loaded)) throw new Error(loaded.problem);
    expect(aboutTrace(loaded.trace)).toBe(
      "3,000 calls of 1 endpoint in 60.0 s: 2,000 succeeded, 1,000 failed.",
    );
    const lanes = replayTrace(loaded.trace, {}, 1_000);
    const [none, inARow] = lanes;
    expect([none!.good, none!.failed, none!.refused]).toEqual([2_000, 1_000, 0]);
    expect(inARow!.noticedMs).toBe(80); // the fifth failure
    for (const { good, failed, refused, data } of lanes) {
      expect(good + failed + refused).toBe(3_000);
      const { times, width } = data;
      const calls = times.reduce(
        (sum, _, at) => sum + (data.good[at]! + data.failed[at]! + data.refused[at]!) * width,
        0,
      );
      expect(calls).toBeCloseTo(3_000, 6);
    }
  });

  it("leaves calls without an outcome out of the sums, and says how many there are", () => {
    const refused = Array.from({ length: 10 }, (_, call) =>
      JSON.stringify({ endpoint: "pay", time: 1_700_000_000_000 + call * 20, outcome: "refused" }),
    );
    const loaded = readBytes("x", bytes([...lines, ...refused].join("\n")), {});
    if (!("trace" in loaded)) throw new Error(loaded.problem);
    expect(aboutTrace(loaded.trace)).toMatch(/2,000 succeeded, 1,000 failed, 10 were refused\.$/);
    const [none] = replayTrace(loaded.trace, {}, 1_000);
    const { good, failed, refused: over, width } = none!.data;
    const calls = good.reduce((sum, one, at) => sum + (one + failed[at]! + over[at]!) * width, 0);
    expect(calls).toBeCloseTo(3_000, 6);
  });

  it.each([
    ["empty", "", "x: the trace is empty at byte 0; 0 calls were read before it"],
    [
      "foreign",
      "hello\nworld\n",
      "x: the trace has none of the formats recording, ndjson, nginx, apache, envoy, haproxy, har, prometheus at line 1; 0 calls were read before it",
    ],
    [
      "mostly foreign",
      `${lines.slice(0, 12).join("\n")}\n${"garbage\n".repeat(30)}`,
      "x: 30 of 42 lines are not of the format ndjson, the first at line 13; 12 calls were read before it",
    ],
  ])("that is %s is refused: what, where, and what was read before it", (_, text, problem) => {
    expect(readBytes("x", bytes(text), {})).toEqual({ problem });
  });

  it("that is cut off or out of order is replayed, with a warning", () => {
    const cut = readBytes("x", bytes(lines.join("\n").slice(0, -5)), {});
    expect("trace" in cut && cut.trace.warnings).toEqual([
      "line 3000, the last one, is cut off: left out; 2999 calls were read before it",
    ]);
    const late = JSON.stringify({ endpoint: "pay", time: 1_600_000_000_000, ok: true });
    const unordered = readBytes("x", bytes([...lines, late].join("\n")), {});
    expect("trace" in unordered && unordered.trace.warnings[0]).toMatch(
      /^1 line is out of order by more than a minute, the first is line 3001: sorted$/,
    );
  });
});

describe("the page of the playground", () => {
  it("is one file that asks no server for anything, and its policy allows its own scripts", async () => {
    const { playgroundText } = (await import("../../scripts/playground.mjs" as string)) as {
      playgroundText(): Promise<string>;
    };
    const text = await playgroundText();
    expect(text).not.toMatch(/<script[^>]+src=|<link[^>]+stylesheet/);
    expect(text).toContain("default-src 'none'; script-src 'sha256-");
    expect(text.match(/<script>/g)).toHaveLength(1);
    const folder = mkdtempSync(join(tmpdir(), "playground-"));
    try {
      const script = text.slice(text.indexOf("<script>") + 8, text.lastIndexOf("</script>"));
      writeFileSync(join(folder, "page.js"), script);
      execFileSync(process.execPath, ["--check", join(folder, "page.js")]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
