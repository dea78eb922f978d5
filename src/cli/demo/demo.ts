/** `bluesmoke demo`: the main job with nothing to set up, with a breaker and without. */
import { basename } from "node:path";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { openDisplay } from "../display.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { count } from "../figures.ts";
import { Interrupt, STOPPING } from "../interrupt.ts";
import { openPage, type PageFlags } from "../page-flags.ts";
import { compare, type Trial } from "./comparison.ts";
import { flightsPath } from "./dataset.ts";
import { GUARDED, indented, UNGUARDED } from "./pipelines.ts";
import { type FeedPlan, planFeed } from "./plan.ts";
import type { Scenario } from "./scenario.ts";
import { tableOf } from "./table.ts";
import { type Stage, tryOut } from "./trial.ts";

export interface DemoOptions extends PageFlags {
  readonly scenario: Scenario;
  /** Events a second. */
  readonly rate?: number;
  /** Whether to run without a breaker as well. */
  readonly baseline: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * @param file default: the flights.
 * @throws what the events or the server cannot be opened with.
 */
export async function demo(file: string | undefined, options: DemoOptions): Promise<ExitCode> {
  const { scenario, rate, baseline, json = false, quiet = false } = options;
  const plan = await planFeed(file ?? flightsPath(), scenario, rate);
  const registry = new CircuitBreakerRegistry();
  const page = await openPage(registry, options);
  const display = await openDisplay({ quiet, plain: false });
  const interrupt = new Interrupt(() => display.say(STOPPING));
  const stage: Stage = { plan, scenario, display, signal: interrupt.signal };
  display.say(introduction(plan, scenario));
  for (const line of page ? [...page.warnings, `dashboard at ${page.url}\n`] : []) display.say(line);
  const { guarded, bare } = await performBoth(registry, stage, baseline).finally(() => page?.close());
  interrupt.release();

  const { eventsPerSecond } = plan;
  const summary = compare({ source: plan.path, eventsPerSecond, scenario }, guarded, bare);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${tableOf(summary)}\n`);
  if (!summary.accounted) return EXIT.internal;
  return interrupt.exitCode ?? EXIT.done;
}

/** @param registry of the run with the breaker. */
async function performBoth(
  registry: CircuitBreakerRegistry,
  stage: Stage,
  baseline: boolean,
): Promise<{ readonly guarded: Trial; readonly bare: Trial | undefined }> {
  const guarded = await perform("With the breaker", GUARDED, { ...stage, registry });
  const isOver = stage.signal.aborted || !baseline;
  const bare = isOver ? undefined : await perform("The same without a breaker", UNGUARDED, stage);
  return { guarded, bare };
}

async function perform(title: string, pipeline: string, stage: Stage): Promise<Trial> {
  stage.display.say(`${title}:`);
  const trial = await tryOut(pipeline, stage);
  stage.display.say("");
  return trial;
}

function introduction({ path, events, eventsPerSecond, isCut }: FeedPlan, scenario: Scenario): string {
  const phases = scenario.map(({ kind, seconds }) => `${kind} for ${seconds} s`).join(", then ");
  return `${isCut ? "The first " : ""}${count(events)} events of ${basename(path)}, ${count(eventsPerSecond)} a second, go to a server on
127.0.0.1 that is ${phases}.
The pipeline:

${indented(GUARDED, 4)}
A closed breaker lets events pass. An open one refuses them: they go by the port
overflow into a file, which is shipped again at the end. What the server fails is
sent again when the breaker lets it pass.
`;
}
