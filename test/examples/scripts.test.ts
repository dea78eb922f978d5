import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const EXAMPLES = join(import.meta.dirname, "../../examples");

/** What an example prints, line by line. */
async function linesOf(name: string): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name)]);
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

describe("the example", () => {
  it("deploy.mjs opens its breaker, closes it, and accounts for every order", async () => {
    const lines = await linesOf("deploy.mjs");
    expect(lines).toContain("shop: opened");
    expect(lines).toContain("shop: closed");
    const [, booked, failed, kept] =
      /^100 orders: (\d+) booked, (\d+) failed, (\d+) kept/.exec(lines.at(-1) ?? "") ?? [];
    expect(Number(booked) + Number(failed) + Number(kept)).toBe(100);
    expect(Number(failed)).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ["p-retry.mjs", 444],
    ["undici-retry.mjs", 444],
  ])("%s lets an endpoint that is down have no more than 1.11 times its load", async (name, most) => {
    const [down, up] = await linesOf(name);
    const [, requests] = /^down: 400 calls, (\d+) requests, 0 succeeded$/.exec(down ?? "") ?? [];
    expect(Number(requests)).toBeGreaterThan(400 + 400 * 0.08);
    expect(Number(requests)).toBeLessThanOrEqual(most);
    expect(up).toMatch(/^2 % fail: 400 calls, 40[789] requests, 400 succeeded$/);
  });

  it("transform.mjs shows the flights that are late", async () => {
    expect(await linesOf("transform.mjs")).toEqual(['{"minutes":45}', '{"minutes":90}']);
  });

  it("replay.mjs replays what it has recorded, and says what other options would have done", async () => {
    const [same, five, fifty] = await linesOf("replay.mjs");
    expect(same).toBe("3000 outcomes; replayed events are the same: true");
    expect(five).toMatch(
      /^5 failures in a row: noticed after 80 ms, 4\d\d failed calls saved, \d+ good calls refused$/,
    );
    expect(fifty).toMatch(
      /^50 failures in a row: noticed after 980 ms, 4\d\d failed calls saved, \d+ good calls refused$/,
    );
  });

  it("metrics.mjs answers with the metrics of its breaker, and with 404 elsewhere", async () => {
    const env = { ...process.env, PORT: "0" };
    const child = spawn(process.execPath, [join(EXAMPLES, "metrics.mjs")], { env });
    try {
      const [port] = await once(child.stdout, "data");
      const url = `http://127.0.0.1:${String(port).trim()}`;
      const response = await fetch(`${url}/metrics`);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      expect(await response.text()).toContain(
        'bluesmoke_circuit_breaker_calls_total{name="payments",outcome="success"} 1\n',
      );
      expect((await fetch(url)).status).toBe(404);
    } finally {
      child.kill();
    }
  });

  it("node-worker-pool spares an endpoint that is down, and every thread knows", async () => {
    const lines = await linesOf("node-worker-pool/main.mjs");
    expect(lines[0]).toBe("opened: success_rate_over_count_window");
    expect(lines).toContain("closed: probes_succeeded");
    const [, threads, done, failed, refused] =
      /^600 jobs in (\d) threads: (\d+) done, (\d+) failed, (\d+) refused$/.exec(lines.at(-2) ?? "") ?? [];
    expect(Number(threads)).toBeGreaterThan(1);
    expect(Number(done) + Number(failed) + Number(refused)).toBe(600);
    expect(Number(refused)).toBeGreaterThan(0);
    // Those to the verdict, those that were under way then, and one probe for each delay of 60 ms; without a breaker, hundreds.
    expect(Number(failed)).toBeLessThan(30);
    const [, called] = /^the endpoint was called (\d+) times$/.exec(lines.at(-1) ?? "") ?? [];
    expect(Number(called)).toBe(Number(done) + Number(failed));
  });
});
