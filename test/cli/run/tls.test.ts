import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Endpoint } from "../../connect/support/endpoint.ts";
import { makeFolder } from "../../connect/support/folder.ts";
import { HttpProxyServer } from "../../connect/support/proxy.ts";
import { EXPIRED, SELF_SIGNED } from "../../tls/certificates.ts";
import { bluesmoke, start } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** A folder with a pipeline, an event, certificates and a secret; paths by name. */
async function files(): Promise<Record<"p" | "in" | "out" | "cert" | "key" | "old" | "token", string>> {
  const folder = await makeFolder();
  const at = (name: string) => join(folder, name);
  await writeFile(at("p.trickle"), OPEN_ROAD);
  await writeFile(at("in.ndjson"), '{"id":1}\n');
  await writeFile(at("cert.pem"), SELF_SIGNED.cert);
  await writeFile(at("key.pem"), SELF_SIGNED.key);
  await writeFile(at("old.pem"), EXPIRED.key);
  await writeFile(at("token"), "s3cret-of-file\n");
  return {
    p: at("p.trickle"),
    in: at("in.ndjson"),
    out: at("out.ndjson"),
    cert: at("cert.pem"),
    key: at("key.pem"),
    old: at("old.pem"),
    token: at("token"),
  };
}

/** What it listens at, once it does. */
async function addressOf(running: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const found = /^listening at (\S+)$/m.exec(running.stderr)?.[1];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function post(url: string, body: string, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", ...options }, (answer) => resolve(text(answer)));
    sending.on("error", reject).end(body);
  });
}

describe("bluesmoke run with TLS", () => {
  it("listens with a certificate, and another run ships there with a certificate of its own", async () => {
    const { p, in: source, out, cert, key } = await files();
    const listen = ["--listen-cert", cert, "--listen-key", key, "--listen-ca", cert];
    const server = start("run", p, "--in", "listen:https://127.0.0.1:0/in", ...listen, "--out", out);
    const url = await addressOf(server);
    expect(url).toMatch(/^https:/);
    await expect(post(url, "1\n", { ca: SELF_SIGNED.cert })).rejects.toThrow();
    const tls = ["--tls-ca", cert, "--tls-cert", cert, "--tls-key", key];
    const shipped = await bluesmoke("run", p, "--in", source, "--out", url, ...tls);
    expect(shipped.stdout).toContain("accounted for: all 1");
    expect(shipped.code).toBe(0);
    server.child.kill("SIGTERM");
    await server.ended;
    expect(await readFile(out, "utf8")).toBe('{"id":1}\n');
    const untrusted = await bluesmoke(
      "run",
      p,
      "--in",
      source,
      "--out",
      url.replace("https", "tls").replace("/in", ""),
    );
    expect(untrusted.code).toBe(4);
  });

  it("sends secrets of files and of the environment, and prints none", async () => {
    const { p, in: source, token } = await files();
    const endpoint = await Endpoint.open();
    const proxy = await HttpProxyServer.open();
    const run = (...flags: string[]) => bluesmoke("run", p, "--in", source, "--out", endpoint.url, ...flags);
    const ended = [
      await run("--token", `@file:${token}`, "--proxy", proxy.url),
      await run("--header", `authorization: Bearer @file:${token}`),
      await run("--user", "ann:s3cret"),
    ];
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(endpoint.received.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer s3cret-of-file",
      "Bearer s3cret-of-file",
      `Basic ${Buffer.from("ann:s3cret").toString("base64")}`,
    ]);
    expect(proxy.seen).toEqual([`POST ${endpoint.url}`]);
    expect(JSON.stringify(ended)).not.toContain("s3cret");
  });

  it("refuses what is wrong with the name of the flag, and without its value", async () => {
    const { p, in: source, cert, key, old } = await files();
    const message = async (...flags: string[]) => {
      const { code, stderr } = await bluesmoke("run", p, "--in", source, ...flags);
      expect(code).toBe(2);
      expect(stderr).not.toMatch(/s3cret|BEGIN [A-Z]/);
      return stderr.split("\n", 1)[0];
    };
    const http = ["--out", "https://localhost:1/"];
    expect(await message(...http, "--user", "s3cret")).toBe(
      "error: option '--user <name:password>' argument '***' is invalid. It must be name:password.",
    );
    expect(await message(...http, "--token", "@env:BLUESMOKE_NOT_SET")).toMatch(
      /It must find BLUESMOKE_NOT_SET in the environment/,
    );
    expect(await message(...http, "--user", "a:s3cret", "--token", "s3cret")).toBe(
      "error: --user and --token exclude each other",
    );
    expect(await message(...http, "--tls-cert", cert)).toBe("error: --tls-cert requires --tls-key");
    expect(await message(...http, "--tls-cert", cert, "--tls-key", old)).toMatch(
      /^error: tls must have certificates/,
    );
    expect(await message(...http, "--tls-ca", source)).toMatch(
      /It must be a file in PEM, and .* has no -----BEGIN/,
    );
    expect(await message("--out", "null:", "--tls-ca", cert)).toMatch(
      /^error: options of TLS were given, but no URL/,
    );
    expect(await message("--out", "null:", "--listen-cert", cert, "--listen-key", key)).toMatch(
      /no source is listen:/,
    );
    expect(await message(...http, "--proxy", "socks://a:s3cret@h:1")).toBe(
      "error: option '--proxy <url>' argument '***' is invalid. It must be http://host:port, with name:password and an @ before the host where it asks for them.",
    );
    const reconnect = ["--out", "tcp://localhost:1", "--reconnect-maximum", "100"];
    expect(await message(...reconnect)).toMatch(/^error: --reconnect-maximum must be .*500.*, got 100/);
  });
});
