/** The servers of a run: its dashboard and its status. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { ServerOptions, Servers } from "./open.ts";
import type { RunState } from "./run-state.ts";

/** @throws ConnectError when an address cannot be listened at; then none is. */
export async function openServers(
  registry: CircuitBreakerRegistry,
  state: RunState,
  options: ServerOptions,
): Promise<Servers> {
  if (options.dashboard === undefined && options.status === undefined) return { notices: [], close() {} };
  const { open } = await import("./open.ts");
  return open(registry, state, options);
}
