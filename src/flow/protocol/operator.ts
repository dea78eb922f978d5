/** The interface that every operator implements, ours and the host's own. */
import type { Disposition, EventContent, FlowEvent, Meta } from "./event.ts";
import type { AckAll, Insight } from "./insight.ts";
import type { Signal } from "./signal.ts";

/** An output port of one node: an event that is emitted goes to every node that reads it, in the order of the links. */
export interface Output {
  /** Hands the event to every link of this port; from then on it belongs to others. */
  emit(event: FlowEvent): void;
}

/** The side of the graph that an operator sees. */
export interface OperatorContext {
  /** Number of the node: under it the operator correlates events and finds its correlations in insights. */
  readonly node: number;
  /** The name that trickle or the host gave to the node. */
  readonly name: string;
  /**
   * The output port of that name; the same object every time. Ask once, in `connect`.
   *
   * The ports `overflow` and `err` turn an event away: it will not touch what lies ahead, so the correlations that
   * it carries are released before it goes on. Throws a GraphError for a port that the operator does not name.
   */
  output(port: string): Output;
  /** Makes an event that comes from no source, such as a breaker event. */
  event(ingestMs: number, data: unknown, meta?: Meta): FlowEvent;
  /**
   * Makes one event of several that the operator owns: it answers for them. When every copy of it is answered, each
   * of them is acked if a sink has it, fails as it failed, and else ends as it ended, its correlations released.
   */
  join(events: readonly FlowEvent[], ingestMs: number, content: EventContent): FlowEvent;
  /**
   * The output ports of this operator by which events that pass come to the node or sink of that number (`from` of an
   * insight): ports that turn away and those in `makes` lead to none, here and at every operator on the way.
   */
  portsTowards(from: number): readonly string[];
  /**
   * The sinks, by number, to which the node or sink of that number passes on the events that it is given; a sink stands for
   * itself. Ports that turn away and those in `makes` lead to none of them. Known once the graph has started.
   */
  sinksOf(from: number): readonly number[];
  /**
   * Makes an event that the operator owns, such as one of a log. `onEnd` is called once with its end, and why, before it counts:
   * true takes it back, so that it does not count as ended. A breaker that refuses it does not send it to a sink at `overflow`.
   */
  own(ingestMs: number, content: EventContent, onEnd: OnEnd): FlowEvent;
  /** Ends an event here: a log has it from here on, and the event counts as waiting until one of `own` takes its place. */
  store(event: FlowEvent): void;
  /** Events wait here that were stored by an earlier run. */
  recover(count: number): void;
  /** Events that waited here are lost: they end as failed, for that reason. */
  lose(count: number, reason: string): void;
  /** Ends an event here: a filter left it out. Its correlations are released. */
  filter(event: FlowEvent): void;
  /** Sends a trigger or restore against the flow, to every operator before this one and to every source. */
  contraflow(kind: "trigger" | "restore", atMs: number): void;
}

/** A log of events on disk. */
export interface LogState {
  /** Such as its folder. */
  readonly name: string;
  /** Events that wait in it. */
  readonly waiting: number;
}

/** How an event of `own` ended; `meta`: why it failed or was refused. */
export type OnEnd = (disposition: Disposition, meta: Meta | undefined) => boolean;

/** An operator of a graph. One instance serves one node of one graph. */
export interface Operator {
  /** Names of the input ports, for the check of a pipeline; the first is the default. */
  readonly inputs: readonly string[];
  /** Names of the output ports; the first is the default. */
  readonly outputs: readonly string[];
  /** True: each output gets a share of the events, so that each of them is missed where it leads nowhere. Default: false. */
  readonly sharesOut?: boolean;
  /** Outputs by which nothing leaves but events that the operator has made, such as breaker events. Default: none. */
  readonly makes?: readonly string[];
  /** Called once, before anything moves. */
  connect(context: OperatorContext): void;
  /** Owns the event: emits it, or filters it, or keeps it to emit it later. Must not throw. */
  onEvent(event: FlowEvent, port: string): void;
  /** The graph passes the signal on by itself, after every operator before this one has seen it. Must not throw. */
  onSignal?(signal: Signal): void;
  /**
   * Sees the insights that come against the flow; the graph passes it on by itself, unless the operator returns true
   * for a trigger or restore that shall stop here. Every other kind always goes on. Must not throw.
   */
  onInsight?(insight: Insight): boolean | undefined;
  /** As `onInsight` for an ack of each of the events. Default: the graph calls that for each. Must not throw. */
  onAckAll?(acks: AckAll): void;
  /**
   * Passes on whatever it kept: called when the flow ends, before the sinks are drained, and again for as long as
   * their answers bring new events.
   */
  onDrain?(atMs: number): void;
  /** True while it is to send on more by itself: a flow that ends waits for it, from tick to tick. Default: false. */
  readonly isSending?: boolean;
  /** The log in which its events wait, of an operator that has one; also after `close`. */
  readonly logState?: LogState | undefined;
  /** The flow is told to stop: from now on it sends on nothing by itself. */
  onStop?(): void;
  /** Releases what it holds (files). Called once, after the sinks were closed, also when the start has failed. */
  close?(): Promise<void>;
}
