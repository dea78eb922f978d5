import { playScoreboard } from "../goodput/scoreboard.ts";
import type { Section } from "../section.ts";

/** Whether a breaker makes things better. */
export const goodput: Section = {
  name: "goodput",
  title: "good calls that a policy leaves, in simulated time",
  operation: "call",
  cases: [],
  comparisons: [],
  play: ({ short, full = false }, report) => playScoreboard(short ? "short" : full ? "full" : "part", report),
};
