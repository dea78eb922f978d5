import { describe, expect, it } from "vitest";
import { isOptionError } from "../../../src/breaker/validate.ts";
import { runOptionsOf } from "../../../src/cli/options/run-options.ts";
import { RUN_TABLE } from "../../../src/cli/options/run-table.ts";
import { resolveListenOptions } from "../../../src/connect/base/listen-options.ts";
import { resolveHttpOptions } from "../../../src/connect/http/http-options.ts";
import { resolveTcpOptions } from "../../../src/connect/tcp/tcp-options.ts";
import { resolveRetry } from "../../../src/flow/graph/retry-options.ts";

/** Checks of the options that the command hands on. */
const RESOLVERS: Readonly<Record<string, (options: never) => unknown>> = {
  http: resolveHttpOptions,
  listen: resolveListenOptions,
  tcp: resolveTcpOptions,
};

const handedOn = RUN_TABLE.filter(
  ({ to, kind }) => (to?.split(".")[0] ?? "") in RESOLVERS && kind.schema.type === "integer",
);

/** Whether the part of the run takes the value. */
function isTaken(to: string, key: string, value: number): boolean {
  const part = to.split(".")[0]!;
  const options = runOptionsOf({ [key]: value }) as unknown as Record<string, never>;
  try {
    RESOLVERS[part]!(options[part]!);
    return true;
  } catch (error) {
    if (!isOptionError(error)) throw error;
    return false;
  }
}

describe("the table of options", () => {
  it("has each key once, and each value goes to a place of its own", () => {
    const keys = RUN_TABLE.map(({ key }) => key);
    const places = RUN_TABLE.map(({ key, to }) => to ?? key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(places).size).toBe(places.length);
    expect(keys.filter((key) => !/^[a-z][a-zA-Z]*$/.test(key))).toEqual([]);
  });

  it.each(handedOn)("has the range of $to", ({ key, to = key, kind }) => {
    const { minimum, maximum } = kind.schema as { minimum: number; maximum: number };
    // The longest wait is no shorter than the first.
    if (to !== "tcp.reconnect.maximumIntervalMs") expect(isTaken(to, key, minimum)).toBe(true);
    expect(isTaken(to, key, maximum)).toBe(true);
    expect(isTaken(to, key, minimum - 1)).toBe(false);
    if (to !== "tcp.reconnect.maximumRetries") expect(isTaken(to, key, maximum + 1)).toBe(false);
  });

  it("says the defaults of reconnecting", () => {
    const given = RUN_TABLE.filter(
      ({ to, initial }) => to?.startsWith("tcp.reconnect.") && initial !== undefined,
    );
    const { tcp } = runOptionsOf(Object.fromEntries(given.map(({ key, initial }) => [key, initial])));
    expect(Object.keys(tcp.reconnect ?? {})).toHaveLength(4);
    expect(resolveTcpOptions(tcp)).toEqual(resolveTcpOptions({}));
  });

  it("says the defaults of sending again", () => {
    const { retries, retryFor, maxWaiting } = runOptionsOf({});
    const asSaid = { retries, forMs: retryFor * 1_000, maximumWaiting: maxWaiting };
    expect(resolveRetry(asSaid)).toEqual(resolveRetry({}));
  });

  const direct = handedOn.filter(({ to, initial }) => initial !== undefined && to?.split(".").length === 2);
  it.each(direct)("says the default of $to", ({ to = "", initial }) => {
    const [part = "", name = ""] = to.split(".");
    expect(RESOLVERS[part]!(undefined as never)).toHaveProperty(name, initial);
  });
});
