/**
 * `qos::wal`: writes each event to a log on disk before it goes on, and forgets it when it is delivered.
 *
 * Ports: `in`; `out`, `err` (what JSON cannot say), `expired` (waited for longer than `max_age`). An event ends upstream once it is
 * written, or on the disk with `sync = "always"`; from there the log sends it on, at least once, in the order of the log. What fails,
 * is refused by a breaker, or was open when the process ended, is sent again.
 */
import { ConnectError, fileFaultOf } from "../connect/base/errors.ts";
import type { OperatorDefinition } from "../flow/operators/catalog.ts";
import { DISPOSITION, type Disposition, type FlowEvent, type Meta } from "../flow/protocol/event.ts";
import type { Insight } from "../flow/protocol/insight.ts";
import type { Operator, OperatorContext, Output } from "../flow/protocol/operator.ts";
import type { Signal } from "../flow/protocol/signal.ts";
import { jsonOf } from "../ndjson/event-line.ts";
import { LoggedContent } from "./content.ts";
import { WriteAheadLog } from "./log/log.ts";
import type { LogRecord } from "./log/record.ts";
import { readWal, type WalSettings } from "./options.ts";

/** Bytes that may wait to be written before upstream is stopped. */
const MAXIMUM_PENDING_BYTES = 4_194_304;
/** Before the second try, in ms; each further wait is twice as long. */
const FIRST_DELAY_MS = 100;
/** No wait is longer, in ms, unless the endpoint asks for it. */
const LONGEST_DELAY_MS = 10_000;
/** After a write that failed, such as on a full disk, in ms. */
const WRITE_RETRY_MS = 1_000;

/** What the host is told. */
export interface WalHost {
  /** Hears, in one line each, what is damaged in a log and what cannot be written. Default: `process.emitWarning`. */
  readonly onProblem?: (text: string) => void;
  /** The time of day in ms, for the age of events. Default: `Date.now`. */
  readonly now?: () => number;
}

/** An event that was read from the log and is not done. */
interface Sent {
  readonly record: LogRecord;
  readonly content: LoggedContent;
  /** How often it failed. */
  tries: number;
  /** When to send it again, in ms. */
  dueMs: number;
}

const INPUTS = ["in"];
const OUTPUTS = ["out", "err", "expired"];

/** The definition of `qos::wal`, for `operators` of `compile` and of `deploy`. */
export function walOperator(host: WalHost = {}): OperatorDefinition<WalSettings> {
  const { onProblem = warn, now = Date.now } = host;
  return {
    type: "qos::wal",
    inputs: INPUTS,
    outputs: OUTPUTS,
    nanoseconds: ["max_age", "sync_interval", "drain_timeout"],
    read: readWal,
    create: (settings) => new Wal(settings, { onProblem, now }),
  };
}

function warn(text: string): void {
  process.emitWarning(text, "BluesmokeWal");
}

class Wal implements Operator {
  readonly inputs = INPUTS;
  readonly outputs = OUTPUTS;
  readonly #settings: WalSettings;
  readonly #onProblem: (text: string) => void;
  readonly #now: () => number;
  /** Not written yet, in the order of their ids. */
  #unwritten: FlowEvent[] = [];
  /** Read, and not sent yet: from `#next` on, in the order of the log. */
  #queue: Sent[] = [];
  #next = 0;
  /** To be sent again. */
  #retries: Sent[] = [];
  /** Sent, and not answered. */
  #inFlight = 0;
  /** Senders of a trigger behind `out` that have not sent their restore. */
  readonly #broken = new Set<number>();
  #log: WriteAheadLog | undefined;
  #isFlushing = false;
  #isReading = false;
  #isScheduled = false;
  #isStopped = false;
  /** Upstream has been told to stop. */
  #isUpstreamStopped = false;
  /** After a write that failed: when to try again, in ms. */
  #retryWriteMs = 0;
  /** When an event was delivered last, or the flow began to end, in ms; undefined: it does not end. */
  #progressMs: number | undefined;
  #latestMs = 0;
  // Set in connect, which comes before everything else.
  #context!: OperatorContext;
  #out!: Output;
  #err!: Output;
  #expired!: Output;

  constructor(settings: WalSettings, { onProblem, now }: Required<WalHost>) {
    this.#settings = settings;
    this.#onProblem = onProblem;
    this.#now = now;
  }

  /** True while a flow that ends has to wait: events are open, and some was delivered not long ago. */
  get isSending(): boolean {
    if (this.#log === undefined) return false;
    if (this.#unwritten.length > 0 || this.#isFlushing) return true;
    if (this.#isStopped || this.#log.waiting === 0) return false;
    return this.#progressMs !== undefined && this.#latestMs - this.#progressMs < this.#settings.drainMs;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
    this.#err = context.output("err");
    this.#expired = context.output("expired");
  }

  onEvent(event: FlowEvent): void {
    const log = this.#open();
    let record: Pick<LogRecord, "meta" | "text">;
    try {
      record = recordOf(event);
      log.append(record);
    } catch (error) {
      event.meta = { ...event.meta, error: error instanceof Error ? error.message : String(error) };
      this.#err.emit(event);
      return;
    }
    this.#unwritten.push(event);
    this.#flush();
    this.#steer(event.ingestMs);
  }

  onSignal({ kind, atMs }: Signal): void {
    this.#latestMs = Math.max(this.#latestMs, atMs);
    if (kind === "start") this.#open();
    if (kind === "drain") this.#progressMs ??= atMs;
    if (this.#unwritten.length > 0) this.#flush();
    this.#goOn();
    this.#steer(atMs);
  }

  onInsight({ kind, from, atMs }: Insight): boolean {
    if (kind !== "trigger" && kind !== "restore") return false;
    if (!this.#context.portsTowards(from).includes("out")) return false;
    if (kind === "trigger") this.#broken.add(from);
    else this.#broken.delete(from);
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.#schedule();
    return true; // the log takes what upstream sends
  }

  onStop(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    const log = this.#log;
    this.#log = undefined;
    await log?.close();
  }

  /** Opened when the flow starts: a pipeline that is only checked touches no file. */
  #open(): WriteAheadLog {
    if (this.#log !== undefined) return this.#log;
    const { folder, segmentBytes, sync, syncIntervalMs } = this.#settings;
    const onProblem = this.#onProblem;
    try {
      this.#log = new WriteAheadLog({
        folder,
        segmentBytes,
        sync,
        syncIntervalMs,
        now: this.#now,
        onProblem,
      });
    } catch (cause) {
      const what = `the log cannot be opened: ${fileFaultOf(cause)}`;
      throw new ConnectError("ERR_SINK", { where: folder, what, cause });
    }
    this.#context.recover(this.#log.recovered);
    return this.#log;
  }

  /** Writes what waits. Events of one turn of the event loop are written together. */
  #flush(): void {
    if (this.#isFlushing || this.#latestMs < this.#retryWriteMs) return;
    this.#isFlushing = true;
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    const log = this.#log;
    const count = this.#unwritten.length;
    try {
      await log?.flush();
    } catch (error) {
      this.#isFlushing = false;
      this.#retryWriteMs = this.#latestMs + WRITE_RETRY_MS;
      this.#onProblem(`${this.#settings.folder}: cannot be written: ${fileFaultOf(error)}; the flow waits`);
      if (this.#isStopped) this.#giveUp(fileFaultOf(error));
      this.#steer(this.#latestMs);
      return;
    }
    this.#isFlushing = false;
    for (const event of this.#unwritten.splice(0, count)) this.#context.store(event);
    if (this.#unwritten.length > 0) this.#flush();
    this.#goOn();
    this.#steer(this.#latestMs);
  }

  /** A flow that was told to stop does not wait for a full disk. */
  #giveUp(fault: string): void {
    for (const event of this.#unwritten.splice(0)) {
      event.meta = { ...event.meta, error: `not written to the log: ${fault}` };
      this.#err.emit(event);
    }
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
    this.#writeAcks();
    this.#sendDue();
    this.#read();
  }

  /** Reads on in the log as long as events may be sent. */
  #read(): void {
    if (!this.#isReading && this.#maySend && this.#left < this.#settings.readCount) void this.#readOn();
  }

  get #maySend(): boolean {
    return this.#log !== undefined && !this.#isStopped && this.#broken.size === 0;
  }

  /** Events that are in memory. */
  get #left(): number {
    return this.#queue.length - this.#next + this.#retries.length + this.#inFlight;
  }

  async #readOn(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#maySend && this.#left < this.#settings.readCount) {
        const records = (await this.#log?.read()) ?? [];
        if (records.length === 0) break;
        for (const record of records) {
          this.#queue.push({ record, content: new LoggedContent(record), tries: 0, dueMs: 0 });
        }
        this.#sendDue();
      }
    } catch (error) {
      this.#onProblem(`${this.#settings.folder}: cannot be read: ${fileFaultOf(error)}`);
    }
    this.#isReading = false;
  }

  /** Sends again what is due, then what was not sent yet, in the order of the log. */
  #sendDue(): void {
    const retries = this.#retries;
    if (retries.length > 0) {
      this.#retries = [];
      retries.sort((a, b) => a.record.id - b.record.id);
      for (const sent of retries) {
        if (this.#mayMore && sent.dueMs <= this.#latestMs) this.#send(sent);
        else this.#retries.push(sent);
      }
    }
    while (this.#next < this.#queue.length && this.#mayMore) {
      const sent = this.#queue[this.#next];
      this.#next++;
      if (sent !== undefined) this.#send(sent);
    }
    if (this.#next < this.#queue.length) return;
    this.#queue = [];
    this.#next = 0;
  }

  get #mayMore(): boolean {
    return this.#maySend && this.#inFlight < this.#settings.readCount;
  }

  #send(sent: Sent): void {
    const { record, content } = sent;
    const isExpired = this.#now() - record.timeMs > this.#settings.maximumAgeMs;
    this.#inFlight++;
    const event = this.#context.own(this.#latestMs, content, (disposition, meta) =>
      this.#end(sent, disposition, meta),
    );
    if (isExpired) this.#expired.emit(event);
    else this.#out.emit(event);
  }

  /** True: the event stays in the log, and is sent again. */
  #end(sent: Sent, disposition: Disposition, meta: Meta | undefined): boolean {
    this.#inFlight--;
    this.#schedule();
    const isRefused = disposition === DISPOSITION.overflow;
    if (isRefused || (disposition === DISPOSITION.failed && meta?.final !== true)) {
      if (!isRefused) sent.tries++;
      sent.dueMs = this.#latestMs + delayOf(sent.tries, isRefused ? refusalIn(meta) : meta);
      this.#retries.push(sent);
      return true;
    }
    this.#log?.ack(sent.record.id);
    if (this.#progressMs !== undefined) this.#progressMs = this.#latestMs;
    return false;
  }

  #writeAcks(): void {
    try {
      this.#log?.writeAcks();
    } catch (error) {
      this.#onProblem(`${this.#settings.folder}: cannot be written: ${fileFaultOf(error)}`);
    }
  }

  /** Tells upstream to stop or to go on, when that has changed. */
  #steer(atMs: number): void {
    const stop = this.#log !== undefined && this.#isFull(this.#log);
    if (stop === this.#isUpstreamStopped) return;
    this.#isUpstreamStopped = stop;
    this.#context.contraflow(stop ? "trigger" : "restore", atMs);
  }

  #isFull(log: WriteAheadLog): boolean {
    const { maximumElements, maximumBytes } = this.#settings;
    return (
      log.pendingBytes > MAXIMUM_PENDING_BYTES ||
      this.#latestMs < this.#retryWriteMs ||
      log.waiting + this.#unwritten.length >= maximumElements ||
      log.bytes >= maximumBytes
    );
  }
}

/** @throws TypeError for what JSON cannot say */
function recordOf(event: FlowEvent): Pick<LogRecord, "meta" | "text"> {
  const { raw, meta } = event;
  const text =
    raw === undefined ? new TextEncoder().encode(jsonOf(event)) : raw.bytes.subarray(raw.start, raw.end);
  return { text, meta: meta === undefined ? undefined : JSON.stringify(meta) };
}

/** Twice as long after each try, or as long as the endpoint or the breaker asked for. */
function delayOf(tries: number, meta: Meta | undefined): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.max(tries - 1, 0), LONGEST_DELAY_MS);
  const askedMs = meta?.retry_after_ms;
  return typeof askedMs === "number" && Number.isFinite(askedMs) ? Math.max(delayMs, askedMs) : delayMs;
}

/** What a breaker that refused an event said. */
function refusalIn(meta: Meta | undefined): Meta | undefined {
  const breaker = meta?.circuit_breaker;
  return typeof breaker === "object" && breaker !== null ? (breaker as Meta) : undefined;
}
