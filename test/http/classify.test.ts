import { describe, expect, it } from "vitest";
import { CallTimeoutError } from "../../src/entry/main.ts";
import { isDeadline, isOwnFault } from "../../src/http/classify.ts";

function withCode(code: string, cause?: unknown): Error {
  return Object.assign(new Error("an error", { cause }), { code });
}

describe("an error", () => {
  it.each([
    "UND_ERR_ABORTED",
    "UND_ERR_CLOSED",
    "UND_ERR_DESTROYED",
    "UND_ERR_INVALID_ARG",
    "UND_ERR_NOT_SUPPORTED",
    "ERR_INVALID_URL",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
    "EMFILE",
  ])("is our own fault, also as a cause: %s", (code) => {
    expect(isOwnFault(withCode(code))).toBe(true);
    expect(isOwnFault(new TypeError("fetch failed", { cause: withCode(code) }))).toBe(true);
  });

  it.each([
    "UND_ERR_SOCKET",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_BODY_TIMEOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
    "ECONNRESET",
    "ECONNREFUSED",
    "ENOTFOUND",
    "CERT_HAS_EXPIRED",
  ])("is a fault of the endpoint: %s", (code) => {
    expect(isOwnFault(withCode(code))).toBe(false);
    expect(isOwnFault(new TypeError("fetch failed", { cause: withCode(code) }))).toBe(false);
  });

  it("may be anything: what cannot be read is a fault of the endpoint", () => {
    const evil = {
      get code(): string {
        throw new Error("no");
      },
    };
    const circular: { cause?: unknown } = {};
    circular.cause = circular;
    for (const error of [undefined, null, "text", 7, evil, circular]) expect(isOwnFault(error)).toBe(false);
  });

  it("is a deadline by its name or its code", () => {
    expect(isDeadline(new DOMException("too late", "TimeoutError"))).toBe(true);
    expect(isDeadline(new CallTimeoutError("a", 10))).toBe(true);
    expect(isDeadline(withCode("ETIMEDOUT"))).toBe(true); // as axios aborts
    expect(isDeadline(new DOMException("gone", "AbortError"))).toBe(false);
    expect(isDeadline(undefined)).toBe(false);
  });
});
