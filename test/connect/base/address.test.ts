import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { addressOf, tcpAddressOf } from "../../../src/connect/base/address.ts";
import { isHttp, isListener, isPath, isUrl, schemeOf } from "../../../src/connect/base/spec.ts";
import { openSink, openSource } from "../../../src/connect/open.ts";
import { LineServer } from "../support/lineserver.ts";

describe("a spec", () => {
  it.each([
    ["events.ndjson", undefined],
    ["a/b:c", undefined],
    ["listen:here", undefined],
    ["-", undefined],
    ["null:", undefined],
    ["HTTP://localhost/", "http"],
    ["tcp://localhost:1", "tcp"],
    ["listen:tcp://localhost:1", "listen:tcp"],
    ["Listen:HTTP://localhost:1/", "listen:http"],
  ])("%s has the scheme %s", (spec, scheme) => {
    expect(schemeOf(spec)).toBe(scheme);
    expect(isUrl(spec)).toBe(scheme !== undefined);
    expect(isPath(spec)).toBe(scheme === undefined && spec !== "-" && spec !== "null:");
    expect(isHttp(spec)).toBe(scheme === "http");
    expect(isListener(spec)).toBe(scheme?.startsWith("listen") === true);
  });
});

describe("an address", () => {
  it.each([
    ["tcp://127.0.0.1:7000", { host: "127.0.0.1", port: 7_000, path: "" }],
    ["tcp://[::1]:7000", { host: "::1", port: 7_000, path: "" }],
    ["listen:tcp://localhost:0", { host: "localhost", port: 0, path: "" }],
    ["listen:http://0.0.0.0:8080/a/b", { host: "0.0.0.0", port: 8_080, path: "/a/b" }],
  ])("is read from %s", (spec, address) => {
    expect(addressOf(spec, "ERR_SINK")).toEqual(address);
  });

  it.each([
    ["tcp://localhost", "has no port"],
    ["tcp://localhost:", "has no port"],
    ["tcp://localhost:0", "the port must be a number from 1 to 65535, not 0"],
    ["tcp://localhost:65536", "the port must be a number from 1 to 65535, not 65536"],
    ["listen:tcp://localhost:http", "the port must be a number from 0 to 65535, not http"],
    ["tcp://:7000", "is not a valid address"],
    ["tcp://user@localhost:7000", "is not a valid address"],
    ["listen:http://localhost:80/a?b", "is not a valid address"],
  ])("is refused in %s", (spec, what) => {
    expect(() => addressOf(spec, "ERR_SOURCE")).toThrow(
      expect.objectContaining({
        code: "ERR_SOURCE",
        where: spec.replace("user@", ""),
        what,
        hint: expect.stringMatching(/^give host/),
      }),
    );
  });

  it("of TCP has no path", () => {
    expect(() => tcpAddressOf("tcp://localhost:1/x", "ERR_SINK")).toThrow(
      "has a path, /x, and TCP knows none",
    );
  });
});

describe("listening", () => {
  it.each(["tcp", "http"])("at a port that is in use is refused: %s", async (scheme) => {
    const { port } = await LineServer.open();
    await expect(openSource(`listen:${scheme}://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "ERR_SOURCE",
      what: "cannot be listened at: the port is in use",
      hint: expect.stringContaining("0 for any that is free"),
    });
  });

  it("at an address that is not ours is refused", async () => {
    await expect(openSource("listen:tcp://192.0.2.1:0")).rejects.toMatchObject({
      what: "cannot be listened at: it is no address of this machine",
    });
  });

  it("works at an address of IPv6, whose name is one that can be connected to", async () => {
    const isThere = await new Promise<boolean>((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(0, "::1", () => server.close(() => resolve(true)));
    });
    if (!isThere) return;
    const source = await openSource("listen:http://[::1]:0/in");
    onTestFinished(() => source.close());
    expect(source.name).toMatch(/^http:\/\/\[::1\]:\d+\/in$/);
  });

  it.each(["ftp://localhost:1/", "http://localhost:1/", "listen:ws://localhost:1/", "listen:ftp://x:1"])(
    "or reading from %s is refused",
    async (spec) => {
      await expect(openSource(spec)).rejects.toMatchObject({
        code: "ERR_SOURCE",
        what: expect.stringContaining("is no scheme of a source"),
        hint: expect.stringContaining("listen:http://host:port/path"),
      });
    },
  );

  it("is nothing that a sink does", async () => {
    await expect(openSink("listen:tcp://127.0.0.1:0")).rejects.toMatchObject({ code: "ERR_SINK" });
  });
});
