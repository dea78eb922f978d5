/** `bluesmoke demo`: the main job with nothing to set up, with a breaker and without. */
import { basename } from "node:path";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { count } from "../base/number-format.ts";
import { Interrupt, STOPPING } from "../run/interrupt.ts";
import type { ServerOptions } from "../serve/open.ts";
import { RunState } from "../serve/run-state.ts";
import { openServers } from "../serve/servers.ts";
import { openDisplay } from "../view/display.ts";
import { compare, type Measurement } from "./comparison.ts";
import { openFlights } from "./dataset.ts";
import { type DemoParts, measure } from "./measure.ts";
import { GUARDED, indented, UNGUARDED } from "./pipelines.ts";
import { type FeedPlan, planFeed } from "./plan.ts";
import type { Scenario } from "./scenario.ts";
import { tableOf } from "./table.ts";

export interface DemoOptions extends Omit<ServerOptions, "status"> {
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
  if (file !== undefined) return demoOf(file, options);
  const flights = await openFlights();
  try {
    return await demoOf(flights.path, options);
  } finally {
    flights.close();
  }
}

async function demoOf(path: string, options: DemoOptions): Promise<ExitCode> {
  const { scenario, rate, baseline, json = false, quiet = false } = options;
  const plan = await planFeed(path, scenario, rate);
  const registry = new CircuitBreakerRegistry();
  const servers = await openServers(registry, new RunState(), options);
  const display = await openDisplay({ quiet, plain: false });
  const interrupt = new Interrupt({ onStop: () => display.say(STOPPING), onReopen() {} });
  const parts: DemoParts = { plan, scenario, display, signal: interrupt.signal };
  display.say(introduction(plan, scenario));
  for (const notice of servers.notices) display.say(notice);
  if (servers.notices.length > 0) display.say("");
  const { guarded, bare } = await runBoth(registry, parts, baseline).finally(() => servers.close());
  interrupt.release();

  const { eventsPerSecond } = plan;
  const summary = compare({ source: plan.path, eventsPerSecond, scenario }, guarded, bare);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${tableOf(summary)}\n`);
  if (!summary.accounted) return EXIT.internal;
  return interrupt.exitCode ?? EXIT.done;
}

/** @param registry of the run with the breaker. */
async function runBoth(
  registry: CircuitBreakerRegistry,
  parts: DemoParts,
  baseline: boolean,
): Promise<{ readonly guarded: Measurement; readonly bare: Measurement | undefined }> {
  const guarded = await runOne("With the breaker", GUARDED, { ...parts, registry });
  const isOver = parts.signal.aborted || !baseline;
  const bare = isOver ? undefined : await runOne("The same without a breaker", UNGUARDED, parts);
  return { guarded, bare };
}

async function runOne(title: string, pipeline: string, parts: DemoParts): Promise<Measurement> {
  parts.display.say(`${title}:`);
  const measurement = await measure(pipeline, parts);
  parts.display.say("");
  return measurement;
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
