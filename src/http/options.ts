/** Options of an HTTP guard, the same for undici and for `fetch`. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import {
  functionOption,
  nameOption,
  numberOption,
  objectOption,
  optionError,
  wrongType,
} from "../breaker/validate.ts";

/** A request, as far as its breaker depends on it. */
export interface HttpRequest {
  /** Scheme, host and port, such as `https://api.example.com` or `http://127.0.0.1:8080`; empty where undici's Client or Pool gives none. */
  readonly origin: string;
  /** In upper case, such as `GET`. */
  readonly method: string;
  /** Path and query, such as `/orders/17?full=1`. */
  readonly path: string;
}

/** Headers of a response: those of `fetch`, or an object with names in lower case. */
export type HttpHeaders =
  | {
      /** The value of a header, or null. */
      get(name: string): string | null;
    }
  | Readonly<Record<string, string | string[] | undefined>>;

/** What `classify` is asked about: the headers of a response, or an error. It is asked at most once for each of the two. */
export interface HttpEnd {
  /** The request. */
  readonly request: HttpRequest;
  /** Status of the response; undefined for an error before the headers. */
  readonly status: number | undefined;
  /** Headers of the response; undefined for an error before the headers. */
  readonly headers: HttpHeaders | undefined;
  /** The error; undefined where the headers are judged. */
  readonly error: unknown;
}

/**
 * What an end counts as: "failure", "ignored" (neither), ms that the breaker is to stay open as a failure, or "success".
 * Headers that are a "success" still wait for the end of the body where `settle` is "body". undefined: by the usual rule.
 */
export type HttpOutcome = "success" | "failure" | "ignored" | number | undefined;

/** Options of `circuitBreaker` and `guardFetch`. */
export interface HttpGuardOptions {
  /** The registry that holds the breakers. Call defaults of its breakers (`timeoutMs`, `classify`, `fallback`) are not used. */
  readonly breakers: CircuitBreakerRegistry;
  /**
   * Names the breaker of a request: "origin", or a function. A function that gives a path must give its template
   * (`/orders/{id}`), or each path gets a breaker of its own. Default: "origin".
   */
  readonly key?: "origin" | ((request: HttpRequest) => string) | undefined;
  /**
   * When a response counts: "body": at the end of its body; a body that breaks off is a failure. "headers": at its
   * headers. A response of type `text/event-stream` counts at its headers. Default: "body".
   */
  readonly settle?: "body" | "headers" | undefined;
  /** Statuses that are failures, each 100 to 999. Default: 408, 429, and 500 to 599 but 501. */
  readonly statusCodes?: readonly number[] | undefined;
  /** Judges headers and errors; see `HttpOutcome`. Default: the usual rule. */
  readonly classify?: ((end: HttpEnd) => HttpOutcome) | undefined;
  /**
   * What a refused request gets: "error": an error (see `circuitBreaker` and `guardFetch`). "response": a response of status
   * 503 with `Retry-After`, and with `Proxy-Status: bluesmoke; error=destination_unavailable`. Default: "error".
   */
  readonly refuse?: "error" | "response" | undefined;
  /**
   * Breakers that this guard uses at once, 1 to 16,000,000. Beyond it idle ones are evicted; where none is idle, a
   * request with a new key passes unguarded, and the first one of them causes a warning. Default: 1,000.
   */
  readonly maximumKeys?: number | undefined;
}

/** Options with every value filled in. */
export interface ResolvedHttpOptions {
  readonly breakers: CircuitBreakerRegistry;
  readonly key: ((request: HttpRequest) => string) | undefined;
  readonly isByBody: boolean;
  readonly isFailure: (status: number) => boolean;
  readonly classify: ((end: HttpEnd) => HttpOutcome) | undefined;
  readonly refusesByResponse: boolean;
  readonly maximumKeys: number;
}

const KEYS = ["breakers", "key", "settle", "statusCodes", "classify", "refuse", "maximumKeys"];

/**
 * Checks options and fills in defaults.
 * @param call how the function that gets them is called, such as `guardFetch(fetch, { … })`
 * @throws OptionError
 */
export function resolveHttpOptions(options: unknown, call: string): ResolvedHttpOptions {
  const given = objectOption("options", options, KEYS);
  const { breakers, key, classify } = given;
  if (typeof (breakers as Partial<CircuitBreakerRegistry> | undefined)?.peek !== "function") {
    const wanted = `a CircuitBreakerRegistry, as in ${call.replace("…", "breakers: new CircuitBreakerRegistry()")}`;
    throw wrongType("breakers", wanted, breakers);
  }
  if (key !== undefined && key !== "origin" && typeof key !== "function") {
    throw wrongType("key", `"origin" or a function of the request`, key);
  }
  if (classify !== undefined) functionOption("classify", classify);
  return {
    breakers: breakers as CircuitBreakerRegistry,
    key: key === "origin" ? undefined : (key as ResolvedHttpOptions["key"]),
    isByBody: nameOption("settle", given.settle, ["body", "headers"], "body") === "body",
    isFailure: readStatusCodes(given.statusCodes),
    classify: classify as ResolvedHttpOptions["classify"],
    refusesByResponse: nameOption("refuse", given.refuse, ["error", "response"], "error") === "response",
    maximumKeys: numberOption(
      "maximumKeys",
      given.maximumKeys,
      { from: 1, to: 16_000_000, whole: true },
      1_000,
    ),
  };
}

/**
 * Whether a status says that the endpoint could not answer: 408, 429, and 500 to 599 but 501 (Not Implemented), which an
 * endpoint gives that is well.
 */
export function isFailureStatus(status: number): boolean {
  return status >= 500 ? status < 600 && status !== 501 : status === 408 || status === 429;
}

function readStatusCodes(value: unknown): (status: number) => boolean {
  if (value === undefined) return isFailureStatus;
  if (!Array.isArray(value)) throw wrongType("statusCodes", "an array of statuses", value);
  value.forEach((status, at) => {
    numberOption(`statusCodes[${at}]`, status, { from: 100, to: 999, whole: true });
  });
  const statuses = new Set<number>(value);
  return (status) => statuses.has(status);
}

/** @throws OptionError for what cannot be the name of a breaker. */
export function checkKey(key: unknown, maximumLength: number): string {
  if (typeof key === "string" && key.length > 0 && key.length <= maximumLength) return key;
  const got = typeof key === "string" ? `${key.length} characters` : String(key);
  const text = `key must return a string of 1 to ${maximumLength} characters, got ${got}`;
  throw optionError("key", text, typeof key === "string" ? RangeError : TypeError);
}
