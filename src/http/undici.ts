/** An interceptor for undici 7 and 8. It imports nothing of undici: the version of the program serves. */
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { wrongType } from "../breaker/validate.ts";
import { HttpCall, HttpGuard } from "./guard.ts";
import type { HttpGuardOptions, HttpRequest } from "./options.ts";
import { isStream, watchBody } from "./request-body.ts";
import { respondRefused } from "./undici-refusal.ts";

type Dispatch = Dispatcher.Dispatch;
type Controller = Dispatcher.DispatchController;
type Handler = Dispatcher.DispatchHandler;
type Headers = Parameters<NonNullable<Handler["onResponseStart"]>>[2];

/**
 * Guards the requests of a dispatcher of undici 7 or 8 by a breaker for each origin:
 * `new Agent().compose(circuitBreaker({ breakers }))`. Given to `setGlobalDispatcher`, that guards the built-in `fetch` of Node, too.
 *
 * A refused request fails with the `CircuitOpenError`; `fetch` rejects with a TypeError whose `cause` it is. In `compose` the
 * last interceptor is the outermost: after `circuitBreaker`, `interceptors.retry()` has each attempt counted; before
 * it, only the last.
 * @throws OptionError for bad options. A request fails with what `key` or `classify` throws.
 */
export function circuitBreaker(options: HttpGuardOptions): Dispatcher.DispatcherComposeInterceptor {
  const guard = new HttpGuard(options, "circuitBreaker({ … })");
  return (dispatch) => {
    if (typeof dispatch !== "function") {
      const wanted =
        "the dispatch function of an undici Dispatcher, as compose() gives it: dispatcher.compose(circuitBreaker({ … }))";
      throw wrongType("dispatch", wanted, dispatch);
    }
    // With two named parameters: undici counts them.
    return (request, handler) => dispatchGuarded(guard, dispatch, request, handler);
  };
}

function dispatchGuarded(
  guard: HttpGuard,
  dispatch: Dispatch,
  options: Dispatcher.DispatchOptions,
  handler: Handler,
): boolean {
  if (typeof handler?.onRequestStart !== "function") {
    throw wrongType(
      "handler",
      "a handler of undici 7 or 8, with onRequestStart: an older undici has another interface",
      handler,
    );
  }
  let admitted: ReturnType<HttpGuard["admit"]>;
  try {
    admitted = guard.admit(requestOf(options));
  } catch (error) {
    handler.onResponseError?.(NO_CONTROLLER, error as Error);
    return true;
  }
  if (!admitted) return dispatch(options, handler);
  if (admitted instanceof HttpCall) return dispatchAdmitted(dispatch, options, handler, admitted);
  if (guard.options.refusesByResponse) respondRefused(handler, admitted, options.method === "HEAD");
  else handler.onResponseError?.(NO_CONTROLLER, admitted);
  return true;
}

/** What undici itself hands over where a request fails before it has a controller. */
const NO_CONTROLLER = undefined as unknown as Controller;

function dispatchAdmitted(
  dispatch: Dispatch,
  options: Dispatcher.DispatchOptions,
  handler: Handler,
  call: HttpCall,
): boolean {
  const watched = watchBody(options.body);
  const guarded = new GuardedHandler(call, handler, options, watched?.isFault);
  try {
    return dispatch(watched ? { ...options, body: watched.body as unknown as Readable } : options, guarded);
  } catch (error) {
    call.release(); // undici throws for arguments only
    throw error;
  }
}

/** A Client or a Pool gives no origin. */
function requestOf({ origin = "", method, path }: Dispatcher.DispatchOptions): HttpRequest {
  return { origin: typeof origin === "string" ? origin : origin.origin, method, path };
}

/** Reports how a request ends, and hands everything on. */
class GuardedHandler implements Handler {
  readonly _call: HttpCall;
  readonly _handler: Handler;
  readonly _options: Dispatcher.DispatchOptions;
  readonly _isOfBody: ((error: unknown) => boolean) | undefined;
  /** What the handler threw: undici aborts the request with it. */
  _thrown: unknown = undefined;

  /** @param isOfBody whether the body of the request gave that error */
  constructor(
    call: HttpCall,
    handler: Handler,
    options: Dispatcher.DispatchOptions,
    isOfBody: ((error: unknown) => boolean) | undefined,
  ) {
    this._call = call;
    this._handler = handler;
    this._options = options;
    this._isOfBody = isOfBody;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    try {
      this._handler.onRequestStart?.(controller, context);
    } catch (error) {
      throw this._note(error);
    }
  }

  /** An upgrade, or the answer to CONNECT. The socket is the caller's from here on. */
  onRequestUpgrade(
    controller: Controller,
    status: number,
    headers: Headers,
    socket: Parameters<NonNullable<Handler["onRequestUpgrade"]>>[3],
  ): void {
    if (!this._call.receive(status, headers ?? {})) this._call.succeed();
    this._handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, statusText?: string): void {
    try {
      if (status >= 200) this._call.receive(status, headers); // 1xx: others follow
      this._handler.onResponseStart?.(controller, status, headers, statusText);
    } catch (error) {
      throw this._note(error);
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    try {
      this._handler.onResponseData?.(controller, chunk);
    } catch (error) {
      throw this._note(error);
    }
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    this._call.succeed();
    this._handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    let told = error;
    try {
      const isCancelled = controller?.aborted === true;
      this._call.fail(isCancelled ? this._reasonOf(error) : error, isCancelled || this._isOurs(error));
    } catch (failure) {
      told = failure as Error; // of `classify`
    }
    this._handler.onResponseError?.(controller, told);
  }

  onBodySent(chunk: number, sent: number): void {
    this._handler.onBodySent?.(chunk, sent);
  }

  onRequestSent(): void {
    (this._handler as { onRequestSent?(): void }).onRequestSent?.();
  }

  onResponseStarted(): void {
    this._handler.onResponseStarted?.();
  }

  _note(error: unknown): unknown {
    this._thrown = error;
    return error;
  }

  /** Why the caller has aborted it: undici drops the reason of a signal in the body. */
  _reasonOf(error: Error): unknown {
    const { signal } = this._options as { readonly signal?: Partial<AbortSignal> | null };
    return signal?.aborted ? signal.reason : error;
  }

  /** Whether the handler or the body that the caller sends gave that error. */
  _isOurs(error: Error): boolean {
    const { body } = this._options;
    if (error === this._thrown || this._isOfBody?.(error)) return true;
    return isStream(body) && body.errored === error;
  }
}
