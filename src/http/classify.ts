/** What an error of a request says about the endpoint: nothing, where the caller or this process caused it. */
import { fieldOf } from "../breaker/failure.ts";

/**
 * Codes of errors that this process causes: our arguments, our dispatcher, our limits. Of undici (docs/docs/api/Errors.md),
 * of the operating system (no file descriptors, buffers or local ports left), and of certificates that we do not trust.
 */
const OWN_CODES = /* @__PURE__ */ new Set([
  "UND_ERR_ABORTED",
  "UND_ERR_BPL_MISSING_UPSTREAM",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_RES_EXCEEDED_MAX_SIZE",
  "EADDRNOTAVAIL",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "CERT_REJECTED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Families of such codes in Node: arguments, our TLS settings, our keys and certificates. */
const OWN_FAMILIES = /^ERR_(?:INVALID|TLS|OSSL|HTTP_INVALID|UNESCAPED)_/;

/** Codes of a deadline that the caller set, beside errors of the name `TimeoutError`. */
const DEADLINE_CODES = /^(?:ETIMEDOUT|ERR_CALL_TIMEOUT)$/;

/** Depth to which causes are followed: `fetch` wraps an error once, libraries over it once more. */
const MAXIMUM_DEPTH = 4;

/** Whether the reason of an abort is a deadline: the endpoint was too slow. Any other abort is the caller's own decision. */
export function isDeadline(reason: unknown): boolean {
  return fieldOf(reason, "name") === "TimeoutError" || DEADLINE_CODES.test(String(fieldOf(reason, "code")));
}

/** Whether an error, or what caused it, is no fault of the endpoint. */
export function isOwnFault(error: unknown): boolean {
  if (isOffline()) return true;
  let cause = error;
  for (let depth = 0; depth < MAXIMUM_DEPTH && cause; depth++) {
    if (fieldOf(cause, "name") === "AbortError") return true;
    const code = fieldOf(cause, "code");
    if (typeof code === "string" && (OWN_CODES.has(code) || OWN_FAMILIES.test(code))) return true;
    cause = fieldOf(cause, "cause");
  }
  return false;
}

/** Browsers say so when this machine has no network; other runtimes say nothing. */
function isOffline(): boolean {
  return (globalThis as { readonly navigator?: { readonly onLine?: boolean } }).navigator?.onLine === false;
}
