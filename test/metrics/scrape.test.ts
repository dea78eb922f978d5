/** The metrics, the dashboard and the alert rules, read by Prometheus itself while an endpoint dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { end, missingTools, PrometheusServer, promtool, until } from "./prometheus-server.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const RULES = readFileSync(join(EXAMPLES, "alerts.yml"), "utf8");
const PATIENCE_MS = 60_000;
/** What an outage of minutes shows in minutes shows here in this time. */
const RANGE = "2s";

const missing = missingTools();
// In CI a missing tool is a failure: there the metrics are scraped, or nobody knows.
const isSkipped = missing.length > 0 && process.env.CI !== "true";
const reason = isSkipped ? ` (skipped: ${missing.join(" and ")} not installed)` : "";

/** A target of a panel. */
interface Query {
  readonly title: string;
  readonly expression: string;
}

/** The queries of the dashboard, with its variables as "All" and short times. */
function queriesOfDashboard(): Query[] {
  const { panels } = JSON.parse(readFileSync(join(EXAMPLES, "grafana.json"), "utf8")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expression: expr
        .replace(/\$__(?:rate_interval|range)/g, RANGE)
        .replace(/\$(?:job|instance|name)/g, ".*"),
    })),
  );
}

/** The rules with short times; whatever else they say stays. */
function quickRules(): string {
  return RULES.replace(/\[\d+[mh]\]/g, `[${RANGE}]`).replace(/for: \d+m/g, "for: 200ms");
}

describe.skipIf(isSkipped)(`the metrics in Prometheus${reason}`, () => {
  let endpoint: Server;
  let program: ChildProcess;
  let target: string;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    endpoint = createServer((_, response) => response.end("paid")).listen(0, "127.0.0.1");
    await once(endpoint, "listening");
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
    program = spawn(process.execPath, [join(import.meta.dirname, "outage.mjs"), url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [port] = await once(program.stdout!, "data");
    target = `127.0.0.1:${String(port).trim()}`;
    prometheus = await PrometheusServer.start(target, quickRules());
  }, PATIENCE_MS);

  afterAll(async () => {
    await prometheus?.stop();
    if (program) await end(program);
    endpoint?.closeAllConnections();
    endpoint?.close();
  });

  it("are read without a complaint, in either format", async () => {
    const text = await (await fetch(`http://${target}/metrics`)).text();
    expect(promtool(["check", "metrics"], text)).toEqual({ code: 0, said: "" });
    // Prometheus asks for OpenMetrics first, and gets it.
    await until("a scrape", () => prometheus.query('up{job="shop"} == 1'));
    expect(await prometheus.scrapeError()).toBe("");
    const names = await prometheus.query("bluesmoke_circuit_breaker_openings_total");
    expect(names.map(({ metric }) => metric.name).sort()).toEqual(
      ["flapping", 'odd "name"\\\n🚀', "payments", "slow", "switched off"].sort(),
    );
  });

  it("have alert rules that promtool accepts, with what is down in their words", () => {
    expect(promtool(["check", "rules", join(EXAMPLES, "alerts.yml")])).toMatchObject({ code: 0 });
    expect(RULES.match(/alert:/g)).toHaveLength(6);
  });

  it("show the outage of an endpoint in every expression of the dashboard and in every alert", {
    timeout: PATIENCE_MS,
  }, async () => {
    const calls = 'rate(bluesmoke_circuit_breaker_calls_total{name="payments",outcome="success"}[1s]) > 0';
    await until("calls that succeed", () => prometheus.query(calls));
    const down = 'bluesmoke_circuit_breaker_state{name="payments",state="open"}';
    expect(await prometheus.query(down)).toMatchObject([{ value: 0 }]);
    const firing = async (alert: string, name: string) => {
      const alerts = await prometheus.alerts();
      return alerts.some(
        ({ state, labels }) => state === "firing" && labels.alertname === alert && labels.name === name,
      );
    };
    for (const alert of [
      "CircuitBreakerOpen",
      "CircuitBreakerRefusesMostCalls",
      "CircuitBreakerOpenMostOfTheTime",
    ]) {
      expect(await firing(alert, "payments"), alert).toBe(false);
    }

    endpoint.close();
    endpoint.closeAllConnections();
    await until("the breaker opens", () => prometheus.query(`${down} == 1`));
    for (const [alert, name] of [
      ["CircuitBreakerOpen", "payments"],
      ["CircuitBreakerFlapping", "flapping"],
      ["CircuitBreakerRefusesMostCalls", "payments"],
      ["CircuitBreakerForcedOpen", "switched off"],
      ["CircuitBreakerOpenMostOfTheTime", "payments"],
    ] as const) {
      await until(`${alert} for ${name}`, () => firing(alert, name));
    }
    const many = async () =>
      (await prometheus.alerts()).filter(({ labels }) => labels.alertname === "ManyCircuitBreakersOpen");
    expect(await until("many are open", many)).toMatchObject([
      {
        annotations: {
          summary: expect.stringMatching(/% of the breakers of 127\.0\.0\.1:\d+ are not closed$/),
        },
      },
    ]);

    const results = new Map<string, Awaited<ReturnType<typeof prometheus.query>>>();
    const queries = queriesOfDashboard();
    for (const { title, expression } of queries) {
      const isRare = /late_results/.test(expression); // there are none in this outage
      const ask = () => prometheus.query(isRare ? expression.replace(" > 0", " >= 0") : expression);
      results.set(title, [...(results.get(title) ?? []), ...(await until(`${title}: ${expression}`, ask))]);
    }
    expect(queries.length).toBeGreaterThan(16);
    const of = (title: string, name: string) =>
      results
        .get(title)!
        .filter(({ metric }) => metric.name === name)
        .map(({ value }) => value);
    expect(results.get("Breakers that are not closed")![0]!.value).toBeGreaterThanOrEqual(2);
    expect(of("States", "payments")[0]).toBeGreaterThan(0);
    expect(of("States", "slow")).toEqual([0]);
    expect(of("Share of calls that may pass", "payments")).toEqual([0]);
    expect(of("Success ratio in the window", "slow")).toEqual([1]);
    expect(of("Share of time open", "payments")[0]).toBeGreaterThan(0.5);
    expect(of("Duration of calls, 99 %", "slow")[0]).toBeGreaterThan(0.001);
    expect(of("Slow calls and late results", "slow")[0]).toBeGreaterThan(0);
    const transitions = results
      .get("Transitions by cause")!
      .map(({ metric }) => `${metric.to} ${metric.cause}`);
    expect(transitions).toContain("open probe_failed");
    expect(await prometheus.scrapeError()).toBe("");
  });
});
