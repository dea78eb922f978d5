/** What decides whether a call is made. */

/** A call that is offered. */
export interface Call {
  readonly client: number;
  /** 0..1, for failures at random: the same for all policies. */
  readonly luck: number;
  /** Of the client. */
  ticket: number;
  /** When it was made and ends, and how; unknown until it is made. */
  beganMs: number;
  endsMs: number;
  isGood: boolean;
}

/** What becomes of offered calls: each of them is made or refused, once. */
export interface Traffic {
  begin(call: Call): void;
  refuse(call: Call): void;
}

/** A breaker that decides at once. */
export interface Gate {
  /** A ticket; 0: refused. */
  admit(nowMs: number): number;
  succeed(ticket: number, nowMs: number, durationMs: number): void;
  fail(ticket: number, nowMs: number, durationMs: number): void;
}

/** A client behind a gate. */
export class GateClient {
  readonly #gate: Gate;
  readonly #traffic: Traffic;

  constructor(gate: Gate, traffic: Traffic) {
    this.#gate = gate;
    this.#traffic = traffic;
  }

  offer(call: Call, nowMs: number): undefined {
    call.ticket = this.#gate.admit(nowMs);
    if (call.ticket === 0) this.#traffic.refuse(call);
    else this.#traffic.begin(call);
  }

  settle({ ticket, isGood, beganMs }: Call, nowMs: number): undefined {
    if (isGood) this.#gate.succeed(ticket, nowMs, nowMs - beganMs);
    else this.#gate.fail(ticket, nowMs, nowMs - beganMs);
  }
}
