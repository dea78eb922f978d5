/** How the dashboard of a run is asked for: --dashboard. The dashboard itself is loaded where it is wanted. */
import { InvalidArgumentError, Option } from "commander";
import { type Address, addressOf } from "../connect/address.ts";
import type { CircuitBreakerRegistry } from "../entry/main.ts";
import { EXIT } from "./exit.ts";
import { CommandError } from "./fault.ts";
import type { LivePage } from "./live-page.ts";

/** Where `--dashboard` without an address listens. */
export const DEFAULT_ADDRESS = "127.0.0.1:9300";

/** The names under which commander hands the flags over. */
export interface PageFlags {
  readonly dashboard?: Address;
  readonly dashboardControls?: boolean;
}

/** @param flags of the address: with `<host:port>` or `[host:port]`. */
export function pageFlags(flags: string): readonly Option[] {
  const isOptional = flags.includes("[");
  const described = `serve a live page of the breakers there${isOptional ? ` (default: ${DEFAULT_ADDRESS})` : ""}`;
  const address = new Option(flags, described).argParser(readAddress);
  return [
    isOptional ? address.preset(DEFAULT_ADDRESS) : address,
    new Option("--dashboard-controls", "the page can switch breakers: force open, disable, trip and others"),
  ].map((option) => option.helpGroup("Dashboard:"));
}

/** HOST:PORT; a port of 0 is any that is free. */
function readAddress(text: string): Address {
  try {
    const address = addressOf(`listen:http://${text}`, "ERR_SOURCE");
    if (address.path === "") return address;
  } catch {
    // The hint is the same whatever is wrong.
  }
  throw new InvalidArgumentError(
    `Give HOST:PORT, such as ${DEFAULT_ADDRESS}; the port is 0 (any that is free) to 65535.`,
  );
}

/**
 * Serves the page of a registry; undefined where no address was given.
 * @throws CommandError for controls without an address, ConnectError when the address cannot be listened at.
 */
export async function openPage(
  registry: CircuitBreakerRegistry,
  { dashboard: address, dashboardControls = false }: PageFlags,
): Promise<LivePage | undefined> {
  if (address !== undefined) {
    const { servePage } = await import("./live-page.ts");
    return servePage(registry, address, dashboardControls);
  }
  if (!dashboardControls) return undefined;
  throw new CommandError(
    EXIT.usage,
    "--dashboard-controls was given, but no --dashboard",
    `leave it out, or give --dashboard ${DEFAULT_ADDRESS}`,
  );
}
