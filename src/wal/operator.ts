/**
 * `qos::wal`: writes each event to a log on disk before it goes on, and forgets it when it is delivered.
 *
 * Ports: `in`; `out`, `err` (what JSON cannot say), `expired` (waited for longer than `max_age`). An event ends upstream once it is
 * written, or on the disk with `sync = "always"`; from there the log sends it on, at least once, in the order of the log. What
 * fails, is refused by a breaker, or was open when the process ended, is sent again.
 */
import { ConnectError, fileFaultOf } from "../connect/base/errors.ts";
import type { FlowEvent } from "../flow/protocol/event.ts";
import type { Insight } from "../flow/protocol/insight.ts";
import type { LogState, Operator, OperatorContext, Output } from "../flow/protocol/operator.ts";
import type { Signal } from "../flow/protocol/signal.ts";
import { Delivery } from "./delivery.ts";
import { Intake } from "./intake.ts";
import { WriteAheadLog } from "./log/log.ts";
import type { OpenEvent } from "./open-event.ts";
import type { WalSettings } from "./options.ts";

/** What the host is told. */
export interface WalHost {
  /** Takes a line about each thing that is damaged in a log, or cannot be written or read. */
  readonly onProblem: (text: string) => void;
  /** The time of day in ms, for the age of events. */
  readonly now: () => number;
}

/** The log while it is open. */
interface OpenLog {
  readonly log: WriteAheadLog;
  readonly intake: Intake;
  readonly delivery: Delivery;
}

export class Wal implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "err", "expired"];
  readonly inputs = Wal.INPUTS;
  readonly outputs = Wal.OUTPUTS;
  readonly #settings: WalSettings;
  readonly #host: WalHost;
  /** Senders of a trigger behind `out` that have not sent their restore. */
  readonly #broken = new Set<number>();
  #open: OpenLog | undefined;
  #isScheduled = false;
  #isStopped = false;
  /** Upstream has been told to stop. */
  #isUpstreamStopped = false;
  /** What was reported last, and not mended since: it is not said again. */
  #problem = "";
  /** When an event was delivered last, or the flow began to end, in ms; undefined: it does not end. */
  #progressMs: number | undefined;
  #latestMs = 0;
  #expiredCount = 0;
  /** Events in the log when it was closed. */
  #left = 0;
  // Set in connect, which comes before everything else.
  #context!: OperatorContext;
  #out!: Output;
  #err!: Output;
  #expired!: Output;

  constructor(settings: WalSettings, host: WalHost) {
    this.#settings = settings;
    this.#host = host;
  }

  /** True while a flow that ends has to wait: events are open, and some was delivered not long ago. */
  get isSending(): boolean {
    if (this.#open === undefined) return false;
    const { log, intake } = this.#open;
    if (intake.count > 0) return true;
    if (this.#isStopped || log.waiting === 0 || this.#progressMs === undefined) return false;
    return this.#latestMs - this.#progressMs < this.#settings.drainMs;
  }

  get logState(): LogState {
    return { name: this.#settings.folder, waiting: this.#waiting };
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
    this.#err = context.output("err");
    this.#expired = context.output("expired");
  }

  onEvent(event: FlowEvent): void {
    this.#latestMs = Math.max(this.#latestMs, event.ingestMs);
    const open = this.#opened();
    try {
      open.intake.add(event);
    } catch (error) {
      this.#turnAway(event, error instanceof Error ? error.message : String(error));
      return;
    }
    this.#steer();
  }

  onSignal({ kind, atMs }: Signal): void {
    this.#latestMs = Math.max(this.#latestMs, atMs);
    if (kind === "start") this.#opened();
    if (kind === "drain") this.#progressMs ??= atMs;
    if (this.#open !== undefined) {
      this.#open.intake.tick(this.#latestMs);
      this.#writeAcks(this.#open.log, this.#open.delivery);
    }
    this.#goOn();
  }

  onInsight({ kind, from, atMs }: Insight): boolean {
    if (kind !== "trigger" && kind !== "restore") return false;
    if (!this.#context.portsTowards(from).includes("out")) return false;
    if (kind === "trigger") this.#broken.add(from);
    else this.#broken.delete(from);
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.#hold();
    this.#schedule();
    return true; // the log takes what upstream sends
  }

  onStop(): void {
    this.#isStopped = true;
    this.#hold();
    this.#open?.intake.stop();
  }

  async close(): Promise<void> {
    this.onStop();
    const open = this.#open;
    this.#open = undefined;
    if (this.#expiredCount > 0) {
      this.#host.onProblem(
        `${this.#settings.folder}: ${this.#expiredCount} events waited for longer than max_age and left by the port expired`,
      );
    }
    await open?.log.close().finally(() => {
      this.#left = open.log.waiting;
    });
  }

  get #waiting(): number {
    return this.#open?.log.waiting ?? this.#left;
  }

  /** Opened when the flow starts: a pipeline that is only checked touches no file. */
  #opened(): OpenLog {
    if (this.#open !== undefined) return this.#open;
    const log = this.#openLog();
    const intake = new Intake({
      log,
      onStored: (event) => this.#context.store(event),
      onWritten: () => this.#onWritten(),
      onFailed: (error) => this.#report(`cannot be written: ${fileFaultOf(error)}; the flow waits`),
      onGivenUp: (event, error) => this.#turnAway(event, `not written to the log: ${fileFaultOf(error)}`),
    });
    const delivery = new Delivery({
      log,
      readCount: this.#settings.readCount,
      own: (open, onEnd) => this.#context.own(this.#latestMs, open, onEnd),
      emit: (event, open) => this.#emit(event, open),
      onEnded: (isDone) => this.#onEnded(isDone),
      onFailed: (error) => this.#report(`cannot be read: ${fileFaultOf(error)}`),
      now: () => this.#latestMs,
    });
    this.#open = { log, intake, delivery };
    this.#hold();
    this.#context.recover(log.recovered + log.lost);
    if (log.lost > 0) this.#lose(log.lost);
    return this.#open;
  }

  /** @throws ConnectError */
  #openLog(): WriteAheadLog {
    const { folder, segmentBytes, sync, syncIntervalMs } = this.#settings;
    const { onProblem, now } = this.#host;
    const onLost = (count: number): void => this.#lose(count);
    try {
      return new WriteAheadLog({ folder, segmentBytes, sync, syncIntervalMs, now, onProblem, onLost });
    } catch (cause) {
      const what = `the log cannot be opened: ${fileFaultOf(cause)}`;
      throw new ConnectError("ERR_SINK", { where: folder, what, cause });
    }
  }

  #lose(count: number): void {
    this.#context.lose(count, "damaged in the log");
  }

  #emit(event: FlowEvent, { timeMs }: OpenEvent): void {
    if (this.#host.now() - timeMs <= this.#settings.maximumAgeMs) this.#out.emit(event);
    else {
      this.#expiredCount++;
      this.#expired.emit(event);
    }
  }

  #turnAway(event: FlowEvent, error: string): void {
    event.meta = { ...event.meta, error };
    this.#err.emit(event);
  }

  #onWritten(): void {
    this.#problem = "";
    this.#goOn();
  }

  #onEnded(isDone: boolean): void {
    if (isDone && this.#progressMs !== undefined) this.#progressMs = this.#latestMs;
    this.#schedule();
  }

  /** Once in a turn of the event loop: notes what is done, sends, and reads on. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#open === undefined) return;
    const { log, delivery } = this.#open;
    if (delivery.hasToWrite) this.#writeAcks(log, delivery);
    delivery.goOn();
    this.#steer();
  }

  #writeAcks(log: WriteAheadLog, delivery: Delivery): void {
    try {
      log.writeAcks();
      delivery.noteWritten();
    } catch (error) {
      this.#report(`cannot be written: ${fileFaultOf(error)}`);
    }
  }

  #hold(): void {
    this.#open?.delivery.hold(this.#isStopped || this.#broken.size > 0);
  }

  /** A fault that lasts is said once. */
  #report(problem: string): void {
    if (problem !== this.#problem) this.#host.onProblem(`${this.#settings.folder}: ${problem}`);
    this.#problem = problem;
    this.#steer();
  }

  /** Tells upstream to stop or to go on, when that has changed. */
  #steer(): void {
    const stop = this.#open !== undefined && this.#isFull(this.#open);
    if (stop === this.#isUpstreamStopped) return;
    this.#isUpstreamStopped = stop;
    this.#context.contraflow(stop ? "trigger" : "restore", this.#latestMs);
  }

  #isFull({ log, intake }: OpenLog): boolean {
    const { maximumElements, maximumBytes } = this.#settings;
    return intake.isFull || log.waiting + intake.count >= maximumElements || log.bytes >= maximumBytes;
  }
}
