import { describe, expect, it } from "vitest";
import { MAXIMUM_FAN_OUT } from "../../../src/trickle/check/fan-out-limit.ts";
import { compile } from "../../../src/trickle/compile.ts";

/** Streams of which each leads to the next by so many selects, as written: plain ones would be twins. */
function chain(length: number, selects: number): string {
  const streams = Array.from({ length }, (_, i) => `create stream s${i};`);
  const steps = Array.from({ length: length - 1 }, (_, i) =>
    Array.from({ length: selects }, (_, n) => `select [${n}] from s${i} into s${i + 1};`).join(" "),
  );
  return [
    ...streams,
    ...steps,
    "select event from in into s0;",
    `select event from s${length - 1} into out;`,
  ].join("\n");
}

describe("the events that can come of one", () => {
  it("are at most a million: ten to the power of six is right, two to the power of twenty too many", () => {
    expect(MAXIMUM_FAN_OUT).toBe(1_000_000);
    expect(() => compile(chain(7, 10))).not.toThrow();
    expect(() => compile(chain(21, 2))).toThrow(/one event in `s0` could become more than 1000000 events/);
  });

  it("are those of the port with the most readers: an event leaves a breaker by one of its ports", () => {
    const text = `define operator cb from qos::circuit_breaker; create operator cb; create stream s;
      select event from in into cb;
      select event from s into out;
      ${Array.from({ length: 300 }, (_, n) => `select [${n}] from cb into s; select [${n}] from cb/overflow into s;`).join("\n")}`;
    expect(() => compile(text)).not.toThrow();
  });
});
