/** Opens the servers of a run: loaded only where one is wanted. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { Address } from "../../connect/base/address.ts";
import { type Dashboard, dashboard } from "../../dashboard/dashboard.ts";
import type { RunState } from "./run-state.ts";
import { type Served, serve } from "./serve.ts";
import { type Status, statusOf } from "./status.ts";

const SEES = "can see the breakers";
const SWITCHES = "can see the breakers and switch them";
const READS = "can read health and metrics";

export interface ServerOptions {
  /** Where the live page of the breakers is; undefined: nowhere. */
  readonly dashboard?: Address;
  /** The page can switch breakers. */
  readonly dashboardControls?: boolean;
  /** Where health and metrics are; undefined: nowhere. The same address as the dashboard: one server. */
  readonly status?: Address;
}

export interface Servers {
  /** For the user, before the run starts: warnings and URLs. */
  readonly notices: readonly string[];
  /** Ends all connections, too. */
  close(): void;
}

/** @throws ConnectError when an address cannot be listened at; then none is. */
export async function open(
  registry: CircuitBreakerRegistry,
  state: RunState,
  options: ServerOptions,
): Promise<Servers> {
  const { dashboard: page, dashboardControls = false, status: address } = options;
  const closers: { close(): void }[] = [];
  const notices: string[] = [];
  const begin = async (at: Address, handler: Parameters<typeof serve>[0], can: string): Promise<Served> => {
    const served = await serve(handler, at, can);
    closers.push(served);
    if (served.warning !== undefined) notices.push(served.warning);
    return served;
  };
  try {
    const status = address === undefined ? undefined : keep(closers, statusOf(registry, state));
    const live =
      page === undefined
        ? undefined
        : keep(closers, dashboard(registry, { controls: dashboardControls, history: "always" }));
    const isShared = page !== undefined && address !== undefined && isSame(page, address);
    if (page !== undefined && live !== undefined) {
      const handler = isShared && status !== undefined ? both(status, live) : live;
      const { url } = await begin(page, handler, dashboardControls ? SWITCHES : SEES);
      notices.push(`dashboard at ${url}`, ...(isShared ? [`status at ${url}health and ${url}metrics`] : []));
    }
    if (address !== undefined && status !== undefined && !isShared) {
      const { url } = await begin(address, (request) => status(request) ?? notFound(), READS);
      notices.push(`status at ${url}health and ${url}metrics`);
    }
  } catch (error) {
    for (const closer of closers) closer.close();
    throw error;
  }
  return {
    notices,
    close() {
      for (const closer of closers) closer.close();
    },
  };
}

function keep<Closer extends { close(): void }>(closers: { close(): void }[], closer: Closer): Closer {
  closers.push(closer);
  return closer;
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}

function both(status: Status, live: Dashboard): Dashboard {
  const handle = (request: Request) => status(request) ?? live(request);
  return Object.assign(handle, { close() {}, [Symbol.dispose]() {} });
}

function notFound(): Response {
  return new Response("there is /health, /health/live, /health/ready and /metrics\n", { status: 404 });
}
