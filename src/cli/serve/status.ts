/** `--status`: /health, /health/live, /health/ready and /metrics of a run. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { metricsText, PROMETHEUS_CONTENT_TYPE } from "../../metrics/prometheus.ts";
import { Health } from "./health.ts";
import { runMetricsText } from "./run-metrics.ts";
import type { RunState } from "./run-state.ts";

export interface Status {
  /** Undefined: the path is not one of ours. */
  (request: Request): Response | undefined;
  close(): void;
}

/** Counts begin now. */
export function statusOf(registry: CircuitBreakerRegistry, state: RunState): Status {
  const health = new Health(registry, state);
  metricsText(registry); // transitions and times are counted from the first call on
  const pages: Readonly<Record<string, () => Response>> = {
    "/health": () => healthReply(health.report().ready),
    "/health/ready": () => healthReply(health.report().ready),
    "/health/live": () => healthReply(health.report().alive),
    "/metrics": () =>
      reply(
        200,
        metricsText(registry) + runMetricsText(state.snapshot(), state.fleet()),
        PROMETHEUS_CONTENT_TYPE,
      ),
  };
  const handle = ({ url, method }: Request): Response | undefined => {
    const { pathname } = new URL(url);
    const page = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
    if (page === undefined) return undefined;
    if (method === "GET") return page();
    if (method === "HEAD") return new Response(null, page());
    return reply(405, `there is nothing here that takes ${method}\n`, "text/plain; charset=utf-8", {
      allow: "GET, HEAD",
    });
  };
  return Object.assign(handle, { close: () => health.close() });
}

function healthReply(reasons: readonly string[]): Response {
  const body = { status: reasons.length === 0 ? "ok" : "unavailable", reasons };
  return reply(reasons.length === 0 ? 200 : 503, `${JSON.stringify(body)}\n`, "application/json");
}

function reply(
  status: number,
  body: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": type, "cache-control": "no-store", ...headers },
  });
}
