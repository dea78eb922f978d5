/** The errors that a breaker makes itself, with the texts and codes of opossum. */

/** The same in every copy of the package, so that `isOurError` works across them. */
const OURS = /* @__PURE__ */ Symbol.for("bluesmoke.opossum.error");

/** Codes of opossum. */
export type ErrorCode = "EOPENBREAKER" | "ETIMEDOUT" | "ESEMLOCKED" | "ESHUTDOWN";

/** An error of the breaker, with a stack. */
export function ourError(message: string, code: ErrorCode): Error {
  return mark(new Error(message), code);
}

function mark(error: Error, code: ErrorCode): Error {
  return Object.assign(Object.defineProperty(error, OURS, { value: true }), { code });
}

/** A class of ordinary objects whose instances are of `Error`: see docs/adr/0008. */
function plainError(): new () => object {
  function PlainError() {}
  PlainError.prototype = Object.create(Error.prototype, { [OURS]: { value: true } });
  Object.defineProperty(PlainError.prototype, "constructor", { value: Error });
  return PlainError as unknown as new () => object;
}

/** A call was refused because the circuit is not closed: an `instanceof Error` without a stack. */
export class OpenBreakerError extends /* @__PURE__ */ plainError() {
  message = "Breaker is open";
  stack = "Error: Breaker is open";
  readonly code = "EOPENBREAKER";
}

/** Whether a breaker made the error itself, and not the guarded function. */
export function isOurError(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[OURS] === true;
}
