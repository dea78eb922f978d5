/**
 * `qos::roundrobin`: gives each output its turn, and passes over those behind which a sink is broken.
 *
 * Ports: `in`; one for each name in `outputs`, and `overflow` for events that come when all are broken. Then upstream is
 * stopped by a trigger, too.
 */
import { objectOption, outOfRange, wrongType } from "../../breaker/validate.ts";
import type { FlowEvent } from "../protocol/event.ts";
import type { Insight } from "../protocol/insight.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";
import { OVERFLOW, turnsAway } from "../protocol/port-name.ts";

const MAXIMUM_OUTPUTS = 64;

/** The names in `outputs`: 1 to 64, default "out". Throws an OptionError that names option, range and value. */
export function readRoundRobin(options: Readonly<Record<string, unknown>>): readonly string[] {
  const { outputs = ["out"] } = objectOption("options", options, ["outputs"]);
  if (!Array.isArray(outputs)) throw wrongType("outputs", "a list of names of ports", outputs);
  if (outputs.length < 1 || outputs.length > MAXIMUM_OUTPUTS) {
    throw outOfRange("outputs", `1 to ${MAXIMUM_OUTPUTS} names`, outputs);
  }
  return outputs.map((name: unknown, index) => {
    const isFree =
      typeof name === "string" && name !== "" && !turnsAway(name) && outputs.indexOf(name) === index;
    if (isFree) return name;
    throw wrongType(`outputs[${index}]`, 'a name that is not there twice, and not "overflow" or "err"', name);
  });
}

/** One output and the senders of a trigger behind it. */
interface Turn {
  readonly port: string;
  readonly broken: Set<number>;
  // Set in connect, which comes before everything else.
  output?: Output;
}

/** `qos::roundrobin`: hands events to its outputs in turns, and leaves out those whose sinks are broken. */
export class RoundRobin implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  readonly inputs = RoundRobin.INPUTS;
  readonly outputs: readonly string[];
  readonly sharesOut = true;
  readonly #turns: readonly Turn[];
  #next = 0;
  /** The latest contraflow to upstream was a trigger. */
  #isStopped = false;
  #context: OperatorContext | undefined;

  /** @param names of the outputs, as `readRoundRobin` gives them */
  constructor(names: readonly string[]) {
    this.outputs = RoundRobin.outputsFor(names);
    this.#turns = names.map((port) => ({ port, broken: new Set<number>() }));
  }

  /** The output ports of an operator with these names. */
  static outputsFor(names: readonly string[]): readonly string[] {
    return [...names, OVERFLOW];
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    for (const turn of this.#turns) turn.output = context.output(turn.port);
  }

  onEvent(event: FlowEvent): void {
    const count = this.#turns.length;
    for (let i = 0; i < count; i++) {
      const index = (this.#next + i) % count;
      const turn = this.#turns[index];
      if (turn === undefined || turn.broken.size > 0) continue;
      this.#next = index + 1;
      turn.output?.emit(event);
      return;
    }
    this.#context?.output(OVERFLOW).emit(event);
  }

  onInsight({ kind, from, atMs }: Insight): boolean {
    if (kind !== "trigger" && kind !== "restore") return false;
    const ports = this.#context?.portsTowards(from) ?? [];
    if (ports.length === 0) return false;
    for (const { port, broken } of this.#turns) {
      if (!ports.includes(port)) continue;
      if (kind === "trigger") broken.add(from);
      else broken.delete(from);
    }
    this.#updateUpstream(atMs);
    return true;
  }

  #updateUpstream(atMs: number): void {
    const stop = this.#turns.every(({ broken }) => broken.size > 0);
    if (stop === this.#isStopped) return;
    this.#isStopped = stop;
    this.#context?.contraflow(stop ? "trigger" : "restore", atMs);
  }
}
