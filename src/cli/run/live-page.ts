/** The dashboard of a run. Its server and its page are loaded where they are wanted. */
import type { Address } from "../../connect/base/address.ts";
import type { CircuitBreakerRegistry } from "../../entry/main.ts";
import type { LivePage } from "./serve-page.ts";

export interface PageOptions {
  /** Where to listen; undefined: no page. */
  readonly dashboard?: Address;
  /** The page can switch breakers. */
  readonly dashboardControls?: boolean;
}

/**
 * Serves the page of a registry; undefined where no address was given.
 * @throws ConnectError when the address cannot be listened at
 */
export async function openPage(
  registry: CircuitBreakerRegistry,
  { dashboard: address, dashboardControls = false }: PageOptions,
): Promise<LivePage | undefined> {
  if (address === undefined) return undefined;
  const { servePage } = await import("./serve-page.ts");
  return servePage(registry, address, dashboardControls);
}
