/** Troubles of an endpoint: those of the scoreboard in bench/, and what to look for in each. */
import { SCENARIOS, type Scenario } from "../../src/replay/scenario/scenarios.ts";

export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly scenario: Scenario;
  /** What happens to the endpoint. */
  readonly about: string;
  /** What to look for. */
  readonly lesson: string;
}

function preset(id: string, title: string, name: string, about: string, lesson: string): Preset {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
  return { id, title, scenario, about, lesson };
}

/** The first is shown at the beginning. */
export const PRESETS: readonly Preset[] = [
  preset(
    "outage",
    "Outage",
    "full outage of 30 s",
    "For 30 seconds every call fails; then the endpoint is back at once.",
    "Without a breaker thousands of calls fail. A breaker replaces nearly all of them by refusals, which cost nothing, and a probe finds out within seconds that the endpoint is back.",
  ),
  preset(
    "third",
    "A third of the capacity",
    "a third of the capacity",
    "For two minutes the endpoint bears a third of the calls; those beyond that fail.",
    "The endpoint could still answer a third of the calls. A breaker that opens refuses these, too. The throttle lets about as many pass as the endpoint bears. Let a call beyond the capacity still cost half of the work of a good one: the endpoint collapses, and only the throttle keeps it up.",
  ),
  preset(
    "brownout",
    "Brownout",
    "brownout: half, a tenth, full",
    "The endpoint bears half of the calls for 40 seconds, then a tenth, then all of them again.",
    "What is bearable changes. Look at how the throttle follows, while the breaker is open most of the time.",
  ),
  preset(
    "replica",
    "Bad replica",
    "every 3rd call fails at random",
    "One of three replicas fails whatever the load: every third call fails at random.",
    "Fewer calls do not help here: two thirds would succeed anyway. Failures in a row come by chance; the success rate is below its limit all the time. Raise or lower the limit and see who refuses good calls.",
  ),
  preset(
    "slow",
    "Slow",
    "slow instead of failing",
    "The endpoint bears a third of the calls for a minute, and lets the others wait until they give up.",
    "Without a breaker every caller waits for about the whole timeout, and two of three in vain: look at the last column. When a breaker opens, the queue gets empty, and the next calls are answered at once.",
  ),
  preset(
    "hang",
    "Hanging",
    "hanging for 30 s",
    "For 30 seconds no call is answered; each ends with its timeout.",
    "A call counts when it ends, so every breaker notices later by one timeout. Let callers give up after 5 s, and let calls that are out count as failed after 500 ms: the success rate then notices in half the time.",
  ),
  preset(
    "flapping",
    "Flapping",
    "flapping every 5 s",
    "The endpoint fails for 5 seconds, is well for 5 seconds, and so on, six times.",
    "A long delay misses the good times, a short one the bad ones. Try delays of half a second and of ten.",
  ),
  preset(
    "backlog",
    "Backlog",
    "recovery under a backlog",
    "After an outage of 30 seconds twice the usual load comes, and the endpoint bears five quarters of it.",
    "The calls of the outage are made again and keep the endpoint overloaded. A throttle or a ramp brings the load back in parts.",
  ),
];

/** @returns undefined: there is none */
export function presetOf(id: string): Preset | undefined {
  return PRESETS.find((one) => one.id === id);
}
