/** A process that ships events through a log to an endpoint that fails half of the time, until it is killed. */
import { openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { GraphBuilder } from "../../../src/flow/graph/builder.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import type { Sink, SinkContext, Source, SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { walOperator } from "../../../src/wal/definition.ts";
import {
  ARRIVED,
  type ChildPlan,
  dataOf,
  type Numbered,
  POSITION,
  QUEUE,
  READ_COUNT,
  randomOf,
  WINDOW,
} from "./plan.ts";

/** The flow's time goes so much faster than ours: waits between tries are short. */
const SPEED = 25;

const plan: ChildPlan = JSON.parse(process.argv[2] ?? "");
const random = randomOf(plan.seed);

/** Hands over numbered events behind the position of the process before. */
class Numbers implements Source {
  readonly name = "numbers";
  readonly transactional = true;
  readonly #position: number;
  readonly #fd = openSync(join(plan.folder, POSITION), "a");
  /** Of this process. */
  #handed = 0;
  #acked = 0;
  #wake: () => void = () => {};

  constructor() {
    this.#position = latestIn(join(plan.folder, POSITION));
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    while (this.#handed - this.#acked >= WINDOW) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    const n = this.#position + this.#handed + 1;
    if (plan.lastEvent !== undefined && n > plan.lastEvent) return undefined;
    this.#handed++;
    return [{ data: dataOf(n, plan.run) }];
  }

  onInsight({ kind, id }: Insight): void {
    if (kind !== "ack") return;
    this.#acked = id;
    writeSync(this.#fd, `${this.#position + id}\n`);
    this.#wake();
  }

  async close(): Promise<void> {}
}

/** Fails half of the time: mostly before it has taken the event, sometimes behind that. */
class Flaky implements Sink {
  readonly name = "flaky";
  readonly congested = false;
  readonly #fd = openSync(join(plan.folder, ARRIVED), "a");
  #context!: SinkContext;
  #open = 0;
  #idle: () => void = () => {};

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.#open++;
    const answer = (): void => this.#answer(event);
    if (random() < 0.5) setTimeout(answer, random() * 4);
    else setImmediate(answer);
  }

  async drain(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((idle) => {
        this.#idle = idle;
      });
    }
  }

  async close(): Promise<void> {}

  #answer(event: FlowEvent): void {
    this.#open--;
    const chance = random();
    if (chance < 0.55) this.#arrive(event, chance < 0.05 ? "f" : "a");
    if (chance >= 0.05 && chance < 0.55) this.#context.ack(event);
    else this.#context.fail(event, { error: "half of the time" });
    if (this.#open === 0) this.#idle();
  }

  #arrive(event: FlowEvent, kind: string): void {
    const { n, run } = event.data as Numbered;
    const isWhole = event.text === JSON.stringify(dataOf(n, run));
    writeSync(this.#fd, isWhole ? `${n} ${run} ${kind}\n` : `${n} ${run} damaged\n`);
  }
}

/** The number in the last whole line. */
function latestIn(path: string): number {
  try {
    return Number(readFileSync(path, "utf8").split("\n").at(-2) ?? 0);
  } catch {
    return 0;
  }
}

const { read, create } = walOperator({ onProblem: (text) => process.stderr.write(`${text}\n`) });
const builder = new GraphBuilder();
const settings = read({
  dir: join(plan.folder, QUEUE),
  read_count: READ_COUNT,
  segment_bytes: 65_536,
  sync: plan.sync,
  max_elements: 500,
  drain_timeout: 3_600_000_000_000,
});
builder.addInput("in");
builder.addOperator("log", create(settings, { registry: undefined as never }));
builder.addOutput("out");
builder.link({ node: "in", port: "out" }, { node: "log", port: "in" });
builder.link({ node: "log", port: "out" }, { node: "out/out", port: "in" });
const graph = builder.build();
graph.attach("out", new Flaky());
const accounting = await runFlow({
  graph,
  source: new Numbers(),
  clock: () => Math.floor(performance.now() * SPEED),
  tickMs: 5,
});
process.stdout.write(JSON.stringify(accounting));
