import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { metricsText } from "../../src/entry/metrics.ts";
import { openByFailures } from "../../src/features/testing.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const COLUMNS = 24;

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

const DASHBOARD = JSON.parse(readFileSync(join(EXAMPLES, "grafana.json"), "utf8")) as {
  readonly id: null;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
};
const ALERTS = readFileSync(join(EXAMPLES, "alerts.yml"), "utf8");

/** The names of all series that a registry can have. */
function namesOfSeries(): Set<string> {
  const registry = new CircuitBreakerRegistry({ defaults: { detector: { slowCallMs: 1, minimumCalls: 2 } } });
  metricsText(registry, { durations: true });
  const breaker = registry.get("a");
  breaker.onSuccess(breaker.tryAcquire(), undefined, 5);
  openByFailures(registry.get("b"));
  const lines = metricsText(registry).split("\n");
  return new Set(lines.flatMap((line) => /^\w+(?=\{)/.exec(line) ?? []));
}

describe("the dashboard and the alert rules", () => {
  it("ask for series that there are, and the dashboard for all of them", () => {
    const names = namesOfSeries();
    const asked = (text: string) => new Set(text.match(/bluesmoke_\w+/g));
    const ofDashboard = asked(
      DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n"),
    );
    const ofAlerts = asked(ALERTS.replace(/^\s*#.*$/gm, "").replace("bluesmoke/metrics", ""));
    expect([...ofDashboard, ...ofAlerts].filter((name) => !names.has(name))).toEqual([]);
    const unused = [...names].filter((name) => !ofDashboard.has(name));
    // A quantile needs the buckets only.
    expect(unused.sort()).toEqual([
      "bluesmoke_circuit_breaker_call_duration_seconds_count",
      "bluesmoke_circuit_breaker_call_duration_seconds_sum",
    ]);
  });

  it("can be imported: panels with numbers of their own that do not overlap, and a data source to choose", () => {
    const { id, schemaVersion, panels, templating } = DASHBOARD;
    expect([id, schemaVersion]).toEqual([null, 42]);
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "job", "instance", "name"]);
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos, datasource, targets } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(COLUMNS);
      for (let cell = 0; cell < gridPos.w * gridPos.h; cell++) {
        const place = `${gridPos.x + (cell % gridPos.w)},${gridPos.y + Math.floor(cell / gridPos.w)}`;
        expect(taken.has(place), `${title} at ${place}`).toBe(false);
        taken.add(place);
      }
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(uid, title).toBe("$" + "{datasource}");
      }
    }
  });
});
