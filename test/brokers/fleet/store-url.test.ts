import { describe, expect, it } from "vitest";
import { readStoreUrl } from "../../../src/brokers/fleet/store-url.ts";

describe("the URL of the store of a fleet", () => {
  it("has the server, the prefix and options of the fleet", () => {
    const { scheme, url, options } = readStoreUrl(
      "redis://ann:p%40w@host:7000/checkout?everyMs=500&machines=0.4&machine=m-1&maximumEndpoints=10&database=3",
    );
    expect(scheme).toBe("redis");
    expect(url).toMatchObject({ host: "host", port: 7_000, user: "ann", password: "p@w", name: "checkout" });
    expect(url.number("database", 0)).toBe(3);
    expect(options).toEqual({ everyMs: 500, machines: 0.4, machine: "m-1", maximumEndpoints: 10 });
  });

  it("needs neither a port nor a prefix nor an option", () => {
    for (const [spec, port] of [
      ["redis://[::1]", 6_379],
      ["nats://host/", 4_222],
    ] as const) {
      const { url, options } = readStoreUrl(spec);
      expect(url).toMatchObject({ port, name: "bluesmoke" });
      expect(options).toEqual({});
    }
  });

  it.each([
    ["", "fleet must be redis://host:port/prefix or nats://host:port/prefix"],
    ["kafka://h:1/x", "fleet must be redis://host:port/prefix or nats://host:port/prefix"],
    ["redis://h/a/b", "fleet must be redis://host:port/name?option=value"],
    ["redis://h/a.b", "fleet has a path that is no prefix: prefix must be 1 to 64 letters"],
    ["redis://h/%", "fleet has a stray % in it"],
    ["redis://h?every=1", 'fleet unknown option "every"; expected one of everyMs, machines'],
    ["nats://h?database=1", 'fleet unknown option "database"'],
    ["redis://h?everyMs=10", 'fleet everyMs must be a whole number from 50 to 60000, got "10"'],
    ["redis://h?machines=2", "fleet machines must be 0.1 to 1, got 2"],
    ["redis://h?machines=x", "fleet machines must be"],
    [`redis://h?machine=${"m".repeat(129)}`, "fleet machine must be 1 to 128 characters, got 129"],
  ])("that is wrong is an error: %s", (spec, message) => {
    expect(() => readStoreUrl(spec)).toThrow(
      expect.objectContaining({ code: "ERR_OPTION", option: "fleet" }),
    );
    expect(() => readStoreUrl(spec)).toThrow(message);
  });

  it("never has its password in a message", () => {
    for (const spec of ["redis://a:hunter2@h/x?y=1", "redis://a:hunter2@h/x/y", "foo://a:hunter2@h"])
      expect(() => readStoreUrl(spec)).not.toThrow(/hunter2/);
  });
});
