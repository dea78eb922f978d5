import { describe, expect, it, vi } from "vitest";
import type { DashboardOptions } from "../../src/dashboard/options.ts";
import { ORIGIN, type Stage, stage } from "./fixture.ts";

const PAGE = { origin: ORIGIN, "sec-fetch-site": "same-origin", "content-type": "application/json" };

/** What a POST to the switches is answered with. */
async function order(
  { handler }: Stage,
  body: unknown,
  headers: Record<string, string | undefined> = {},
  url = `${ORIGIN}/breakers/switch`,
): Promise<readonly [status: number, text: string]> {
  const given = Object.entries({ ...PAGE, ...headers }).filter(([, value]) => value !== undefined);
  const request = new Request(url, {
    method: "POST",
    headers: given as [string, string][],
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const response = await handler(request);
  return [response.status, (await response.text()).trimEnd()];
}

function stageWith(controls: DashboardOptions["controls"]): Stage {
  const page = stage({ controls });
  page.registry.get("payments");
  return page;
}

const TRIP = { endpoint: "payments", action: "trip" };

describe("a switch", () => {
  it.each([
    ["force_open", "open", "forced_open"],
    ["disable", "closed", "disabled"],
    ["shadow", "closed", "shadow"],
    ["trip", "open", "enabled"],
  ])(
    "%s leaves the breaker %s, in the mode %s; enable and reset take it back",
    async (action, state, mode) => {
      const page = stageWith(true);
      const payments = page.registry.get("payments");
      expect(await order(page, { endpoint: "payments", action })).toEqual([
        200,
        `${action}: ${state}, ${mode}`,
      ]);
      expect([payments.state, payments.snapshot().mode]).toEqual([state, mode]);
      await order(page, { endpoint: "payments", action: "enable" });
      await order(page, { endpoint: "payments", action: "reset" });
      expect([payments.state, payments.snapshot().mode]).toEqual(["closed", "enabled"]);
    },
  );

  it("is not there without controls, whatever the method", async () => {
    const page = stageWith(false);
    expect((await order(page, TRIP))[0]).toBe(405);
    expect((await page.handler(new Request(`${ORIGIN}/switch`))).status).toBe(404);
    expect(page.registry.get("payments").state).toBe("closed");
  });

  it.each(["GET", "HEAD", "PUT", "DELETE"])("is never used by %s", async (method) => {
    const page = stageWith(true);
    const url = `${ORIGIN}/switch?endpoint=payments&action=trip`;
    const response = await page.handler(new Request(url, { method, headers: PAGE }));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect(page.registry.get("payments").state).toBe("closed");
  });

  it.each([
    [
      "of another origin",
      { origin: "http://evil.example" },
      403,
      "refused: the request comes from another origin, http://evil.example",
    ],
    [
      "of another port",
      { origin: "http://127.0.0.1:80" },
      403,
      "refused: the request comes from another origin, http://127.0.0.1:80",
    ],
    ["of a sandboxed frame", { origin: "null" }, 403, "refused: the request comes from another origin, null"],
    [
      "that names no origin, such as that of curl",
      { origin: undefined },
      403,
      "refused: no Origin; switches are for the page itself",
    ],
    [
      "of another site by its own account",
      { "sec-fetch-site": "cross-site" },
      403,
      "refused: the request comes from another site (Sec-Fetch-Site: cross-site)",
    ],
    [
      "of a neighbouring host",
      { "sec-fetch-site": "same-site" },
      403,
      "refused: the request comes from another site (Sec-Fetch-Site: same-site)",
    ],
    [
      "of a form",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "the content type must be application/json, got application/x-www-form-urlencoded",
    ],
    [
      "of plain text",
      { "content-type": "text/plain; application/json" },
      415,
      "the content type must be application/json, got text/plain; application/json",
    ],
  ])("refuses a request %s", async (_, headers, status, text) => {
    const page = stageWith(true);
    expect(await order(page, TRIP, headers)).toEqual([status, text]);
    expect(page.registry.get("payments").state).toBe("closed");
  });

  it("takes a request of a browser that sends no Sec-Fetch-Site, and one behind a proxy that ends TLS", async () => {
    const page = stageWith(true);
    expect((await order(page, TRIP, { "sec-fetch-site": undefined }))[0]).toBe(200);
    const headers = { origin: "https://ops.example", host: "ops.example" };
    expect((await order(page, TRIP, headers, "http://ops.example/switch"))[0]).toBe(200);
  });

  it.each([
    ["no JSON", "trip", 400, "endpoint must be the name of a breaker"],
    ["null", null, 400, "endpoint must be the name of a breaker"],
    [
      "no action",
      { endpoint: "payments" },
      400,
      "action must be one of force_open, disable, enable, shadow, trip, reset, got undefined",
    ],
    [
      "another action",
      { endpoint: "payments", action: "constructor" },
      400,
      'action must be one of force_open, disable, enable, shadow, trip, reset, got "constructor"',
    ],
    ["a breaker that is not there", { endpoint: "mail", action: "trip" }, 404, 'there is no breaker "mail"'],
    [
      "far too much",
      { ...TRIP, more: "x".repeat(9_000) },
      413,
      "an order has at most 8192 characters, got 9049",
    ],
  ])("refuses an order of %s", async (_, body, status, text) => {
    const page = stageWith(true);
    expect(await order(page, body)).toEqual([status, text]);
    expect(page.registry.size).toBe(1);
    expect(page.registry.get("payments").state).toBe("closed");
  });

  it("asks a function for each request, after the check of the origin", async () => {
    const controls = vi.fn((request: Request) =>
      Promise.resolve(request.headers.get("authorization") === "sesame"),
    );
    const page = stageWith(controls);
    expect(await order(page, TRIP)).toEqual([403, "refused: not authorized to use the switches"]);
    expect((await order(page, TRIP, { authorization: "sesame", origin: "http://evil.example" }))[0]).toBe(
      403,
    );
    expect(controls).toHaveBeenCalledTimes(1);
    expect(page.registry.get("payments").state).toBe("closed");
    expect((await order(page, TRIP, { authorization: "sesame" }))[0]).toBe(200);
  });

  it("refuses where the function throws", async () => {
    const page = stageWith(() => {
      throw new Error("the session store is gone");
    });
    expect(await order(page, TRIP)).toEqual([403, "refused: not authorized to use the switches"]);
  });
});
