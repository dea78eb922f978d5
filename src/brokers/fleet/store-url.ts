/** Where a fleet meets: `redis://host:port/prefix?option=value` or `nats://host:port/prefix?option=value`. */
import { isOptionError, numberOption, optionError } from "../../breaker/validate.ts";
import type { FleetOptions } from "../../fleet/options.ts";
import { readPrefix } from "../../fleet/redis-store.ts";
import { BrokerError } from "../base/broker-error.ts";
import { type BrokerUrl, readBrokerUrl } from "../base/broker-url.ts";

export type StoreScheme = "redis" | "nats";

export interface StoreUrl {
  readonly scheme: StoreScheme;
  /** Its name is the prefix of all keys. */
  readonly url: BrokerUrl;
  /** Those of `joinFleet` that the URL has. */
  readonly options: Pick<FleetOptions, "everyMs" | "machines" | "machine" | "maximumEndpoints">;
}

const DEFAULT_PREFIX = "bluesmoke";
const PORTS = { redis: 6_379, nats: 4_222 } as const;
const OPTIONS = {
  everyMs: [50, 60_000],
  machines: "text",
  machine: "text",
  maximumEndpoints: [1, 65_536],
} as const;

/** @throws OptionError that names the part, its range and the value; no message has the password */
export function readStoreUrl(spec: string): StoreUrl {
  const given = URL.canParse(spec) ? new URL(spec) : undefined;
  const scheme = given?.protocol.slice(0, -1);
  if (given === undefined || (scheme !== "redis" && scheme !== "nats"))
    throw fault("must be redis://host:port/prefix or nats://host:port/prefix");
  if (given.pathname === "" || given.pathname === "/") given.pathname = `/${DEFAULT_PREFIX}`;
  const known = scheme === "redis" ? { ...OPTIONS, database: [0, 1_000_000] as const } : OPTIONS;
  let url: BrokerUrl;
  try {
    url = readBrokerUrl("ERR_SINK", given.href, PORTS[scheme], known);
    readPrefix({ prefix: url.name });
  } catch (error) {
    if (error instanceof BrokerError) throw fault(error.message.slice(error.where.length + 2));
    if (isOptionError(error)) throw fault(`has a path that is no prefix: ${error.message}`);
    throw fault("has a stray % in it");
  }
  return { scheme, url, options: optionsIn(url) };
}

function optionsIn(url: BrokerUrl): StoreUrl["options"] {
  const [everyMs, machines, machine, maximumEndpoints] = Object.keys(OPTIONS).map((name) => url.text(name));
  if (machine !== undefined && machine.length > 128)
    throw fault(`machine must be 1 to 128 characters, got ${machine.length}`);
  return {
    ...(everyMs !== undefined && { everyMs: Number(everyMs) }),
    ...(machines !== undefined && { machines: partOf(machines) }),
    ...(machine !== undefined && { machine }),
    ...(maximumEndpoints !== undefined && { maximumEndpoints: Number(maximumEndpoints) }),
  };
}

function partOf(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  try {
    return numberOption("machines", value, { from: 0.1, to: 1 });
  } catch (error) {
    throw isOptionError(error) ? fault(error.message) : error;
  }
}

function fault(what: string): ReturnType<typeof optionError> {
  return optionError("fleet", `fleet ${what}`);
}
