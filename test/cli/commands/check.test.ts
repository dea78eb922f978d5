import { describe, expect, it } from "vitest";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, bluesmokeOn } from "../support/command.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

interface CheckJson {
  readonly advice: readonly { readonly kind: string; readonly option: string }[];
}

describe("bluesmoke check", () => {
  it("says what a pipeline has in it", async () => {
    const { code, stdout, stderr } = await bluesmoke("check", await makeFile("p.trickle", GUARDED));
    expect(stdout).toBe("ok: 1 operator (guard), ports out, overflow, cb, err\n");
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("reads a pipeline from stdin, and warns of what looks wrong", async () => {
    const unused = `${GUARDED}create operator idle from cb;\n`;
    const { code, stdout, stderr } = await bluesmokeOn(unused, "check", "-");
    expect(stdout).toContain("2 operators (guard, idle)");
    expect(stderr).toMatch(/^stdin:\d+:\d+: warning: .*idle/m);
    expect(code).toBe(0);
  });

  it("warns of options of breakers that cannot work, at the rate that it is told", async () => {
    const pipeline = GUARDED.replace(/detector = .*,/, 'detector = { "window_ms": 1000 },');
    const path = await makeFile("p.trickle", pipeline);
    const { code, stderr } = await bluesmoke("check", path, "--rate", "5");
    expect(stderr).toBe(
      'warning: breaker "guard": the breaker never opens: minimum_calls 20 is never reached, 5 calls a second are at most 5 in window_ms 1000\n',
    );
    expect(code).toBe(0);
    expect((await bluesmoke("check", path)).stderr).toBe("");
    const { advice } = JSON.parse(
      (await bluesmoke("check", path, "--rate", "5", "--json")).stdout,
    ) as CheckJson;
    expect(advice.map(({ kind, option }) => [kind, option])).toEqual([
      ["never_opens", "detector.minimum_calls"],
    ]);
  });

  it.each([
    [
      'detector = { "hung_after_ms": 3000 },',
      "hung_after_ms 3000 is not below the timeout of 2000 ms, no call hangs as long",
    ],
    [
      'half_open = { "probe_timeout_ms": 1000 },',
      "probe_timeout_ms 1000 is below the timeout of 2000 ms: a probe that succeeds between them counts as failed",
    ],
    [
      "",
      "no delay is longer than 200 ms, below the timeout of 2000 ms: calls of before it opened are still out when probes begin",
    ],
    [
      'half_open = { "probe_timeout_ms": 2000, "ramp": { "step_ms": 500 } },',
      "step_ms 500 of the ramp is below the timeout of 2000 ms: what a share has done wrong is not known before the next one begins",
    ],
    [
      'detector = { "slow_call_ms": 50 },',
      "slow_call_ms 50 is below the 80 ms that a call usually takes: it opens though nothing is wrong",
    ],
  ])(
    "warns once of what contradicts the timeout or the latency that it is told: %s",
    async (option, message) => {
      const delayMs = option === "" ? 200 : 5_000;
      const text = GUARDED.replace(/detector = .*,/, option).replace(
        '"delay_ms": 200',
        `"delay_ms": ${delayMs}`,
      );
      const path = await makeFile("p.trickle", text);
      const { code, stderr } = await bluesmoke("check", path, "--timeout", "2000", "--latency", "80");
      expect(stderr).toBe(`warning: breaker "guard": ${message}\n`);
      expect(code).toBe(0);
      expect((await bluesmoke("check", path)).stderr).toBe("");
    },
  );

  it("names a flag that is no number in its range", async () => {
    const { code, stderr } = await bluesmoke("check", "p.trickle", "--timeout", "0");
    expect(stderr).toContain("Give a number from 1 to 86400000.");
    expect(code).toBe(2);
  });

  it("explains what is wrong: the line, the place in it, what was expected, and a hint", async () => {
    const { code, stdout, stderr } = await bluesmokeOn(
      "create stream s;\nselect event from in into ss;\n",
      "check",
      "-",
    );
    expect(stderr).toBe(
      [
        "stdin:2:27: error: stream `ss` is not defined",
        "  2 | select event from in into ss;",
        "    |                           ^^",
        "  expected one of: in, out, s",
        "  hint: did you mean `s`?",
        "",
      ].join("\n"),
    );
    expect(stdout).toBe("");
    expect(code).toBe(3);
  });

  it("prints one line of JSON for a pipeline that is right and for one that is wrong", async () => {
    const right = await bluesmokeOn(OPEN_ROAD, "check", "-", "--json");
    expect(JSON.parse(right.stdout)).toEqual({
      ok: true,
      operators: [],
      ports: ["out", "err"],
      warnings: [],
      advice: [],
    });
    expect(right.code).toBe(0);
    const wrong = await bluesmokeOn("select event from in into nowhere;", "check", "-", "--json");
    expect(JSON.parse(wrong.stdout)).toMatchObject({ ok: false, error: { line: 1, column: 27 } });
    expect(wrong.code).toBe(3);
  });

  it("tells every fault at once, for people and for machines", async () => {
    const faulty = "select event from inn into out;\nselect event from in into outt;\n";
    const { stderr, code } = await bluesmokeOn(faulty, "check", "-");
    expect(stderr.match(/^stdin:\d+:\d+: error: /gm)).toEqual(["stdin:1:19: error: ", "stdin:2:27: error: "]);
    expect(code).toBe(3);
    const { stdout } = await bluesmokeOn(faulty, "check", "-", "--json");
    const { error, errors } = JSON.parse(stdout);
    expect(errors).toMatchObject([
      { line: 1, column: 19 },
      { line: 2, column: 27 },
    ]);
    expect(error).toEqual(errors[0]);
  });
});

describe("bluesmoke --help", () => {
  it.each([[], ["run"], ["check"], ["graph"], ["demo"]].map((command) => ({ command })))(
    "explains itself in no more than 110 columns: $command",
    async ({ command }) => {
      const { code, stdout, stderr } = await bluesmoke(...command, "--help");
      expect(stdout).toMatch(/^Usage: bluesmoke/);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
      expect(stderr).toBe("");
      expect(code).toBe(0);
    },
  );

  it("prints the version", async () => {
    const { code, stdout } = await bluesmoke("--version");
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });
});
