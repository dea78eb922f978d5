import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { pageHtml, pageScript, pageStyle, pageVersion } from "../../build/page.ts";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { dashboard } from "../../src/dashboard/dashboard.ts";
import type { OverviewMessage } from "../../src/dashboard/protocol.ts";
import { connect, get, ORIGIN, pass, stage } from "./fixture.ts";

describe("the page", () => {
  it.each(["/", "/breakers/", "/a/b%20c/"])("is there under any prefix, such as %s", async (path) => {
    const { handler } = stage();
    const response = await handler(get(path));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await response.text();
    const files = [...html.matchAll(/(?:src|href|data-outage)="([^"#]+)"/g)].map((found) => found[1]!);
    expect(files).toEqual([
      `icon.${pageVersion}.svg`,
      `outage.${pageVersion}.svg`,
      `page.${pageVersion}.css`,
      `page.${pageVersion}.js`,
    ]);
    for (const file of files) {
      const asset = await handler(get(`${path}${file}`));
      expect(asset.status, file).toBe(200);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
  });

  it("has no script and no style in its HTML, and no address of another server anywhere", () => {
    expect(pageHtml).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    expect([...pageHtml.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)].map(([, , text]) => text)).toEqual([
      "",
    ]);
    const addresses = [pageHtml, pageStyle, pageScript].join().match(/\bhttps?:\/\/[\w.]+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(["http://www.w3.org"])); // the name of SVG
  });

  it("has the licence of what its script contains", () => {
    expect(pageScript).toMatch(
      /^\/\*!\nuplot \d+\.\d+\.\d+\n\nThe MIT License \(MIT\)\n\nCopyright \(c\) \d+ Leon Sorokin/,
    );
    expect(pageScript.split("*/")[0]).toContain("THE SOFTWARE IS PROVIDED");
  });

  it("allows nothing that it does not need, and no frame around it, on every answer", async () => {
    const { handler } = stage({ controls: true });
    const post = new Request(`${ORIGIN}/switch`, { method: "POST" });
    for (const request of [get("/"), get(`/page.${pageVersion}.js`), get("/stream"), get("/none"), post]) {
      const { headers } = await handler(request);
      const policy = headers.get("content-security-policy")?.split("; ");
      expect(policy).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  it("has its title, as text", async () => {
    const { handler } = stage({ title: `<b>"Shop" & 'Co'</b>` });
    const html = await (await handler(get("/"))).text();
    expect(html).toContain("<title>&#60;b&#62;&#34;Shop&#34; &#38; &#39;Co&#39;&#60;/b&#62;</title>");
    expect(html).not.toContain("<b>");
  });

  it("is found without the slash at its end by a browser, which is sent there", async () => {
    const { handler } = stage();
    const response = await handler(get("/admin/breakers", { accept: "text/html,*/*" }));
    expect([response.status, response.headers.get("location")]).toEqual([307, "breakers/"]);
    expect((await handler(get("/admin/breakers"))).status).toBe(404);
  });

  it("changes its version with its content", () => {
    const hash = createHash("sha256").update(pageScript).digest("hex");
    expect(pageVersion).toMatch(/^[\da-f]{10}$/);
    expect(hash.startsWith(pageVersion)).toBe(false); // of all files, not of one
  });
});

describe("a request", () => {
  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("of %s is answered with 405", async (method) => {
    const { handler } = stage();
    const response = await handler(new Request(`${ORIGIN}/stream`, { method }));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("for something else is answered with 404 and its name", async () => {
    const { handler } = stage();
    const response = await handler(get("/breakers/favicon.ico"));
    expect(response.status).toBe(404);
    expect(await response.text()).toBe("there is no favicon.ico here\n");
  });

  it("of HEAD has the headers and no body, and opens no stream", async () => {
    const { handler, registry } = stage();
    const on = vi.spyOn(registry, "on");
    const response = await handler(new Request(`${ORIGIN}/stream`, { method: "HEAD" }));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.body).toBeNull();
    expect(on).not.toHaveBeenCalled();
  });

  it("for more streams than 100 is answered with 503, until one ends", async () => {
    const page = stage();
    const streams = [];
    for (let n = 0; n < 100; n++) {
      const stream = await connect(page);
      await stream.next();
      streams.push(stream);
    }
    const refused = await page.handler(get("/stream"));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    await streams[0]!.leave();
    expect((await page.handler(get("/stream"))).status).toBe(200);
    for (const stream of streams) await stream.leave();
  });
});

describe("a dashboard", () => {
  it("does nothing while no page is connected", async () => {
    const { registry, handler } = stage();
    const now = vi.spyOn(registry, "now");
    await handler(get("/"));
    await handler(get("/stream")); // whose body is not read
    await handler(get("/minutes?ids=1"));
    await pass(10_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
    expect(now).not.toHaveBeenCalled();
  });

  it("listens and samples while a page is connected, and no longer", async () => {
    const page = stage();
    const stream = await connect(page);
    await stream.next();
    expect(page.registry._engine.dispatcher.hasListeners).toBe(true);
    await stream.leave();
    expect(page.registry._engine.dispatcher.hasListeners).toBe(false);
    await pass(60_000); // the history is kept for a page that is loaded anew
    expect(vi.getTimerCount()).toBe(0);
  });

  it('with the history "always" samples until it is closed', async () => {
    const { registry, handler } = stage({ history: "always" });
    const now = vi.spyOn(registry, "now");
    await pass(3_000);
    const readings = now.mock.calls.length;
    expect(readings).toBeGreaterThan(2);
    handler.close();
    handler.close();
    await pass(3_000);
    expect(now).toHaveBeenCalledTimes(readings);
    expect(vi.getTimerCount()).toBe(0);
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
  });

  it.each([
    [undefined, "registry must be a CircuitBreakerRegistry, got undefined"],
    [{}, "registry must be a CircuitBreakerRegistry, got an object"],
    [
      new CircuitBreaker("payments"),
      "registry must be a CircuitBreakerRegistry: give the registry of the breaker, not the breaker, got an object",
    ],
  ])("refuses what is no registry: %#", (registry, message) => {
    expect(() => dashboard(registry as CircuitBreakerRegistry)).toThrow(message);
  });

  it.each([
    [
      { control: true },
      'unknown option "control"; expected one of title, controls, maximum, history, latency; did you mean "controls"?',
    ],
    [{ controls: "yes" }, 'controls must be true, false or a function, got "yes"'],
    [{ title: "" }, 'title must be a string of 1 to 100 characters, got ""'],
    [{ title: 7 }, "title must be a string of 1 to 100 characters, got 7"],
    [{ maximum: 0 }, "maximum must be a whole number from 1 to 5000, got 0"],
    [{ maximum: 5_001 }, "maximum must be a whole number from 1 to 5000, got 5001"],
    [{ history: "never" }, 'history must be one of "connected", "always", got "never"'],
    [{ latency: 3 }, "latency must be a function, got 3"],
    [7, "options must be an object, got 7"],
  ])("refuses bad options: %j", (options, message) => {
    const registry = new CircuitBreakerRegistry();
    expect(() => dashboard(registry, options as object)).toThrow(message);
  });

  it("takes a registry of another entry, whose classes are others", async () => {
    vi.resetModules();
    const { CircuitBreakerRegistry: Other } = await import("../../src/breaker/registry.ts");
    expect(Other).not.toBe(CircuitBreakerRegistry);
    const registry = new Other();
    registry.get("payments").trip();
    const stream = await connect<OverviewMessage>({ registry, handler: dashboard(registry) });
    expect((await stream.next()).sums.open).toBe(1);
    await stream.leave();
  });
});
