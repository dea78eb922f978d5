import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, ndjson, numbered, type Running, start } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** The URL of the page of a command. */
async function addressOf(running: Running): Promise<string> {
  for (;;) {
    const found = /^dashboard at (\S+)$/m.exec(running.stderr)?.[1];
    if (found !== undefined) return found;
    await once(running.child.stderr, "data");
  }
}

/** Status of a request that names a host of its own. */
async function statusFor(url: string, host: string): Promise<number | undefined> {
  const [answer] = (await once(httpRequest(url, { headers: { host } }).end(), "response")) as [
    IncomingMessage,
  ];
  answer.resume();
  return answer.statusCode;
}

async function makeRun(...more: readonly string[]): Promise<readonly string[]> {
  const pipeline = await makeFile("p.trickle", OPEN_ROAD);
  return ["run", pipeline, "--in", "-", "--out", "null:", ...more];
}

describe("--dashboard", () => {
  it("serves a page of the breakers of a run, until it ends", async () => {
    const running = start(...(await makeRun("--dashboard", "127.0.0.1:0")));
    running.feed(numbered(10));
    const url = await addressOf(running);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const html = await (await fetch(url)).text();
    expect(html).toContain('data-controls="no"');
    const { body } = await fetch(`${url}stream`);
    const { value } = await body!.getReader().read(); // a stream has a body
    expect(new TextDecoder().decode(value)).toMatch(/^retry: 2000\ndata: \{"atMs":/);
    expect(await statusFor(url, "localhost:9300")).toBe(200);
    expect(await statusFor(url, "rebound.example")).toBe(403);
    running.child.stdin.end();
    expect((await running.ended).code).toBe(0); // although the stream was open
    await expect(fetch(url)).rejects.toThrow();
  });

  it("has switches with --dashboard-controls", async () => {
    const running = start(...(await makeRun("--dashboard", "127.0.0.1:0", "--dashboard-controls")));
    const url = await addressOf(running);
    expect(await (await fetch(url)).text()).toContain('data-controls="yes"');
    const body = JSON.stringify({ endpoint: "no such", action: "trip" });
    const headers = { origin: new URL(url).origin, "content-type": "application/json" };
    expect((await fetch(`${url}switch`, { method: "POST", headers, body })).status).toBe(404);
    expect((await fetch(`${url}switch`, { method: "POST", body })).status).toBe(403);
    running.child.stdin.end();
    expect((await running.ended).stderr).not.toContain("warning: anyone");
  });

  it("warns of an address that others reach, and of switches there", async () => {
    const running = start(...(await makeRun("--dashboard", "0.0.0.0:0", "--dashboard-controls")));
    running.child.stdin.end();
    expect((await running.ended).stderr).toContain(
      "warning: anyone who can reach http://0.0.0.0:0 can see the breakers and switch them: there is no authentication; give 127.0.0.1 for this machine alone",
    );
  });

  it.each(["9300", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:1/path", "http://127.0.0.1:1"])(
    "refuses %s, and says what an address is",
    async (address) => {
      const { code, stderr } = await bluesmoke(...(await makeRun("--dashboard", address)));
      expect(stderr).toContain(
        `argument '${address}' is invalid. It must be HOST:PORT, such as 127.0.0.1:9300, with a port from 0 (any free one) to 65535.`,
      );
      expect(code).toBe(2);
    },
  );

  it("refuses an address that is in use, before an event moves", async () => {
    const other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await bluesmoke(...(await makeRun("--dashboard", `127.0.0.1:${port}`)));
    other.close();
    expect(stderr).toBe(
      `error: http://127.0.0.1:${port}: cannot be listened at: the port is in use\nanother program has it, or this one runs already: give another port, or 0 for any that is free\n`,
    );
    expect(code).toBe(4);
  });

  it("refuses --dashboard-controls without --dashboard", async () => {
    const { code, stderr } = await bluesmoke(...(await makeRun("--dashboard-controls")));
    expect(stderr).toBe(
      "error: --dashboard-controls was given, but no --dashboard\nleave it out, or give --dashboard 127.0.0.1:9300\n",
    );
    expect(code).toBe(2);
  });

  it("shows the breaker of the demo", async () => {
    const events = await makeFile("events.ndjson", ndjson(numbered(3_000)));
    const scenario = ["--scenario", "healthy:0.3,failing:60"];
    const running = start("demo", events, ...scenario, "--no-baseline", "--dashboard", "127.0.0.1:0");
    const url = await addressOf(running);
    const { body } = await fetch(`${url}stream`);
    let text = "";
    const decoder = new TextDecoder();
    const reader = body!.getReader(); // a stream has a body
    while (!/"kind":"opened"/.test(text)) text += decoder.decode((await reader.read()).value);
    expect(text).toMatch(/"endpoint":"server","kind":"opened","text":"[\d,]+ of [\d,]+ calls in 10 s failed/);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
  });
});
