/** The channel from the scheduler to a case: a process of Node, or a worker of a page. */
import type { Answer, Assignment, Order } from "./worker-protocol.ts";

/** The case is prepared first; then it answers one order at a time. */
export interface WorkerChannel {
  /** "ready", or why the case cannot be prepared. */
  readonly ready: Promise<Answer>;
  /** Rejects when there will be no answer. */
  send(order: Order): Promise<Answer>;
  /** Ends the process or the worker. */
  end(): void;
}

/** Starts a process or a worker for a case. */
export type StartWorker = (assignment: Assignment) => WorkerChannel;
