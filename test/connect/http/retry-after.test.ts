import { describe, expect, it } from "vitest";
import { MAXIMUM_RETRY_AFTER_MS, retryAfterMs } from "../../../src/connect/http/retry-after.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const DATE_MS = Date.UTC(1994, 10, 6, 8, 49, 37);

describe("retryAfterMs", () => {
  it("reads whole seconds", () => {
    expect(retryAfterMs("0", undefined, 0)).toBe(0);
    expect(retryAfterMs("120", undefined, 0)).toBe(120_000);
  });

  it("reads a date, measured from our clock", () => {
    expect(retryAfterMs(DATE, undefined, DATE_MS - 2_500)).toBe(2_500);
  });

  it("measures a date from the endpoint's own clock where it tells it", () => {
    expect(retryAfterMs(DATE, "Sun, 06 Nov 1994 08:49:30 GMT", 0)).toBe(7_000);
    expect(retryAfterMs(DATE, "yesterday", DATE_MS - 1)).toBe(1);
  });

  it("takes a date that has passed for no wait at all", () => {
    expect(retryAfterMs(DATE, undefined, DATE_MS + 1)).toBe(0);
  });

  it("waits an hour at most, whatever is asked for", () => {
    expect(retryAfterMs("3601", undefined, 0)).toBe(MAXIMUM_RETRY_AFTER_MS);
    expect(retryAfterMs("999999999999", undefined, 0)).toBe(MAXIMUM_RETRY_AFTER_MS);
    expect(retryAfterMs(DATE, undefined, 0)).toBe(MAXIMUM_RETRY_AFTER_MS);
  });

  it.each(["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", " Sun, 06 Nov 1994 08:49:37 GMT "])(
    "reads the dates of old servers as well: %j",
    (date) => {
      expect(retryAfterMs(date, undefined, DATE_MS - 2_500)).toBe(2_500);
      expect(retryAfterMs("Sun, 06 Nov 1994 08:49:40 GMT", date, 0)).toBe(3_000);
    },
  );

  it("takes two digits of a year for the one that is near", () => {
    const nowMs = Date.UTC(2099, 11, 31, 23, 59, 50);
    expect(retryAfterMs("Friday, 01-Jan-00 00:00:00 GMT", undefined, nowMs)).toBe(10_000);
    expect(retryAfterMs("Friday, 31-Dec-99 23:59:55 GMT", undefined, nowMs)).toBe(5_000);
    expect(retryAfterMs("Thursday, 31-Dec-98 00:00:00 GMT", undefined, nowMs)).toBe(0);
  });

  it("passes over blanks, and takes the longest of several", () => {
    expect(retryAfterMs(" 5\t", undefined, 0)).toBe(5_000);
    expect(retryAfterMs(["3", "7"], undefined, 0)).toBe(7_000);
    expect(retryAfterMs("3, 7", undefined, 0)).toBe(7_000);
    expect(retryAfterMs(["soon", "2"], undefined, 0)).toBe(2_000);
    expect(retryAfterMs([DATE, "1"], undefined, DATE_MS - 4_000)).toBe(4_000);
  });

  it.each([
    undefined,
    "",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "soon",
    "9999999999999",
    "1994-11-06T08:49:37Z",
    "Sunday, 06-Now-94 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    ",",
    "Sun, 06 Nov 1994 99:49:37 GMT",
  ])("ignores %j", (header) => {
    expect(retryAfterMs(header, undefined, 0)).toBeUndefined();
  });
});
