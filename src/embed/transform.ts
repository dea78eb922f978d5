/** A pipeline between two Web streams. */

import type { Accounting } from "../flow/graph/accounting.ts";
import type { FlowEvent } from "../flow/protocol/event.ts";
import type { Sink, SinkContext, Source, SourceItem } from "../flow/protocol/source-and-sink.ts";
import { Inbox } from "../flow/runtime/inbox.ts";
import { type Deployment, deploy, type HostOptions, type Pipeline } from "./deploy.ts";

export interface TransformOptions extends HostOptions {
  /** The port whose events the readable side yields. Default `out`; all others can have sinks. */
  readonly port?: string;
}

/** For `readable.pipeThrough(…)`. */
export interface FlowTransform {
  /** One chunk is one event. */
  readonly writable: WritableStream<unknown>;
  /** The data of each event that leaves by the port. */
  readonly readable: ReadableStream<unknown>;
  /** The pipeline between the two streams, to stop it or to read its accounting. */
  readonly deployment: Deployment;
}

/** Chunks that wait on either side before the writer must wait. */
const WAITING_CHUNKS = 256;

/**
 * Runs a pipeline from now on, as a transform. Closing the writable side ends the flow; the readable side
 * closes when every event has ended. A slow reader makes the writer wait. An event counts as delivered as
 * soon as the readable side has it, so a breaker in the pipeline guards the sinks at other ports, not the
 * reader.
 *
 * An error of a sink, and an abort of the writable side, errors the readable side. A reader that cancels
 * stops the flow.
 *
 * @throws as `deploy`
 */
export function toTransformStream(pipeline: Pipeline, options: TransformOptions = {}): FlowTransform {
  const { port = "out", ...rest } = options;
  const entry = new Entry();
  const exit = new Exit(() => deployment.stop());
  const deployment = deploy(pipeline, {
    ...rest,
    sources: { writable: entry },
    sinks: { ...rest.sinks, [port]: exit },
  });
  const finished = deployment.finished;
  finished.then(
    () => exit.end(),
    (error: unknown) => exit.break(error),
  );
  return { writable: writableTo(entry, exit, finished), readable: exit.readable, deployment };
}

function writableTo(entry: Entry, exit: Exit, finished: Promise<Accounting>): WritableStream<unknown> {
  let isClosing = false;
  return new WritableStream<unknown>({
    start(controller) {
      const refuse = (reason: unknown): void => {
        if (!isClosing) controller.error(reason);
      };
      finished.then(() => refuse(new Error("the flow has ended")), refuse);
    },
    write: (data) => entry.write(data),
    async close() {
      isClosing = true;
      entry.end();
      await finished;
    },
    async abort(reason) {
      exit.break(reason);
      entry.end();
      await finished.catch(() => {});
    },
  });
}

/** The source behind the writable side. */
class Entry implements Source {
  readonly name = "writable";
  readonly #inbox = new Inbox();
  #waiting = 0;
  #taken: () => void = () => {};

  /** Resolves at once while fewer than `WAITING_CHUNKS` wait. */
  async write(data: unknown): Promise<void> {
    this.#inbox.put([{ data }]);
    this.#waiting++;
    if (this.#waiting < WAITING_CHUNKS) return;
    await new Promise<void>((resolve) => {
      this.#taken = resolve;
    });
  }

  end(): void {
    this.#inbox.end();
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    const items = await this.#inbox.take();
    this.#waiting = 0;
    this.#taken();
    return items;
  }

  async close(): Promise<void> {
    this.end();
    this.#taken();
  }
}

/** The sink before the readable side. */
class Exit implements Sink {
  readonly name = "readable";
  readonly readable: ReadableStream<unknown>;
  /** Set when the stream is made, in the constructor. */
  #controller!: ReadableStreamDefaultController<unknown>;
  #context: SinkContext | undefined;
  #isOver = false;

  /** @param onCancel called when the reader cancels. */
  constructor(onCancel: () => Promise<unknown>) {
    this.readable = new ReadableStream<unknown>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#context?.relieved(),
        cancel: async () => {
          this.#isOver = true;
          this.#context?.relieved();
          await onCancel().catch(() => {});
        },
      },
      { highWaterMark: WAITING_CHUNKS },
    );
  }

  get congested(): boolean {
    return !this.#isOver && (this.#controller.desiredSize ?? 1) <= 0;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    if (this.#isOver) {
      this.#context?.fail(event, { error: "the readable side was cancelled", final: true });
      return;
    }
    this.#controller.enqueue(event.data);
    this.#context?.ack(event, 0);
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}

  end(): void {
    if (!this.#isOver) this.#controller.close();
    this.#isOver = true;
  }

  break(reason: unknown): void {
    if (!this.#isOver) this.#controller.error(reason);
    this.#isOver = true;
    this.#context?.relieved();
  }
}
