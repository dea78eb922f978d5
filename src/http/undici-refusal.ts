/** A refusal as a response, for a handler of undici. */
import type { Dispatcher } from "undici";
import type { CircuitOpenError } from "../breaker/errors.ts";
import { REFUSAL_STATUS, REFUSAL_STATUS_TEXT, refusalHeaders, refusalText } from "./refusal.ts";

type Handler = Dispatcher.DispatchHandler;

/** Gives a handler the response that stands for a refusal. `isHead`: without a body. */
export function respondRefused(handler: Handler, refusal: CircuitOpenError, isHead: boolean): void {
  new RefusedResponse(handler, refusal, isHead)._start();
}

/** The controller of a response that comes from no socket: it can be paused and aborted as any other. */
class RefusedResponse implements Dispatcher.DispatchController {
  paused = false;
  aborted = false;
  reason: Error | null = null;
  readonly rawHeaders: Buffer[];
  rawTrailers: Buffer[] = [];
  readonly _handler: Handler;
  readonly _headers: Record<string, string>;
  /** undefined: it was sent, or there is none. */
  _body: Buffer | undefined;
  _isOver = false;

  constructor(handler: Handler, refusal: CircuitOpenError, isHead: boolean) {
    this._handler = handler;
    this._body = isHead ? undefined : Buffer.from(refusalText(refusal));
    this._headers = refusalHeaders(refusal);
    this.rawHeaders = Object.entries(this._headers).flatMap(([name, value]) => [
      Buffer.from(name, "latin1"),
      Buffer.from(value, "latin1"),
    ]);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this._attempt(() => this._send());
  }

  abort(reason: Error): void {
    if (this.aborted || this._isOver) return;
    this.aborted = true;
    this.reason = reason;
    this._isOver = true;
    this._handler.onResponseError?.(this, reason);
  }

  _start(): void {
    this._attempt(() => {
      this._handler.onRequestStart?.(this, {});
      if (this._isOver) return;
      this._handler.onResponseStart?.(this, REFUSAL_STATUS, this._headers, REFUSAL_STATUS_TEXT);
      this._send();
    });
  }

  /** What is left of it, as far as the handler takes it now. */
  _send(): void {
    const body = this._body;
    if (this._isOver || this.paused) return;
    this._body = undefined;
    if (body) this._handler.onResponseData?.(this, body);
    if (this._isOver || this.paused) return;
    this._isOver = true;
    this._handler.onResponseEnd?.(this, {});
  }

  /** An error of the handler aborts the request, as in undici. */
  _attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this._isOver = false;
      this.abort(error as Error);
    }
  }
}
