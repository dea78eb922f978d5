/** NDJSON to the file of a path: it can be opened again, and is rotated. */
import { openSync, statSync } from "node:fs";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { codeOf } from "../base/errors.ts";
import { openTarget, targetOfDescriptor } from "./file-target.ts";
import { FileWritable } from "./file-writable.ts";
import { type ResolvedRotation, rotate } from "./rotation.ts";
import { StreamSink } from "./stream-sink.ts";

/** Time after a rotation that failed, in ms, until the next try. */
const RETRY_MS = 1_000;

/** How a file is written. */
export interface FileSinkOptions {
  /** What is in the file is kept. */
  readonly append: boolean;
  readonly rotation: ResolvedRotation;
}

/**
 * A sink that `openSink` opens for the path of a file. A file is rotated by the event that makes it reach `rotateBytes`, and after `rotateMs`. Where that fails, events go on
 * into the old file, and it is tried again. Named pipes and devices are neither rotated nor opened again.
 */
export class FileSink extends StreamSink {
  readonly #rotation: ResolvedRotation;
  #timer: NodeJS.Timeout | undefined;
  /** Before then no rotation is tried, on the clock of performance.now(). */
  #notBeforeMs = 0;

  /**
   * Use `openSink`.
   * @internal
   */
  constructor(path: string, { append, rotation }: FileSinkOptions) {
    super(path, (closing) => openTarget(path, append, closing));
    this.#rotation = rotation;
  }

  /** Opens the file. @throws ConnectError where that is impossible */
  override async start(context: SinkContext): Promise<void> {
    await super.start(context);
    this.#arm();
  }

  /** Writes the event, and rotates a file that is full. */
  override onEvent(event: FlowEvent): void {
    super.onEvent(event);
    if (this.#rotation.rotateBytes <= this.#size) this.#rotate();
  }

  /** Writes what is left, and closes the file. */
  override async close(): Promise<void> {
    clearTimeout(this.#timer);
    await super.close();
  }

  /**
   * Opens the path again, such as after another program has renamed the file. What was handed over before goes to the old
   * file.
   *
   * @throws what the system says; the old file is then written on
   */
  reopen(): void {
    if (Number.isNaN(this.#size)) return;
    this.replace(targetOfDescriptor(openSync(this.name, "a")));
  }

  /** Bytes of the file with those that wait; NaN where it is no regular file, or not open. */
  get #size(): number {
    const { stream, waiting = 0 } = this.current ?? {};
    return stream instanceof FileWritable ? stream.size + waiting : Number.NaN;
  }

  #rotate(): void {
    if (performance.now() < this.#notBeforeMs) return;
    try {
      if (statSync(this.name, { throwIfNoEntry: false })?.isFile()) rotate(this.name, Date.now());
      this.reopen();
      this.#arm();
    } catch (error) {
      if (codeOf(error) === "") throw error;
      this.#notBeforeMs = performance.now() + RETRY_MS;
    }
  }

  #arm(): void {
    const { rotateMs } = this.#rotation;
    clearTimeout(this.#timer);
    if (rotateMs === Number.POSITIVE_INFINITY) return;
    this.#wait(performance.now() + rotateMs);
  }

  /** A timer of Node holds 24 days at most. */
  #wait(untilMs: number): void {
    const restMs = Math.min(untilMs - performance.now(), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      if (performance.now() < untilMs - 1) return this.#wait(untilMs);
      if (this.#size > 0) this.#rotate();
      this.#arm();
    }, restMs).unref();
  }
}
