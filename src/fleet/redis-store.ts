/** A fleet over Redis or Valkey, by the client of the program: node-redis or ioredis. Needs no package itself. */
import { objectOption, optionError, wrongType } from "../breaker/validate.ts";
import { bytesOf, textOf } from "./base64.ts";
import type { FleetStore, StoredReport, StoredSwitch } from "./store.ts";

/** A client of node-redis (`sendCommand` with an array) or of ioredis (`call`). */
export type RedisClient = NodeRedisClient | IoredisClient;

/** What is used of a client of node-redis. */
export interface NodeRedisClient {
  /** Sends a command with its arguments. */
  sendCommand(command: string[]): Promise<unknown>;
}

/** What is used of a client of ioredis. */
export interface IoredisClient {
  /** Sends a command with its arguments. */
  call(command: string, ...values: string[]): Promise<unknown>;
}

/** Where a fleet is in a store. */
export interface StoreOptions {
  /** Begins all its keys or buckets: 1 to 64 letters, digits, `_`, `-`. Default: "bluesmoke". One fleet, one prefix. */
  readonly prefix?: string | undefined;
}

type Send = (command: string, ...values: string[]) => Promise<unknown>;

/** Tries of a claim: a lease may end between the two commands of each. */
const CLAIM_TRIES = 3;

/**
 * A fleet in Redis 6 or later, or Valkey. All its keys are in one slot of a cluster. Give it a client of its own whose commands
 * fail at once without a connection: `disableOfflineQueue: true` of node-redis, `enableOfflineQueue: false` of ioredis.
 * @throws OptionError when it is no client, or for a bad prefix.
 */
export function redisStore(client: RedisClient, options?: StoreOptions): FleetStore {
  const send = senderOf(client);
  const start = `{${readPrefix(options)}}`;
  const members = `${start}:machines`;
  const reportOf = (machine: string) => `${start}:report:${machine}`;
  const leaseOf = (lease: string) => `${start}:lease:${lease}`;
  return {
    async publish(machine, report, lifeMs) {
      await Promise.all([
        send("SET", reportOf(machine), textOf(report), "PX", String(Math.ceil(lifeMs))),
        send("SADD", members, machine),
      ]);
    },
    async reports() {
      const machines = listOf(await send("SMEMBERS", members));
      if (machines.length === 0) return [];
      const values = listOf(await send("MGET", ...machines.map(reportOf)));
      const gone = machines.filter((_, at) => typeof values[at] !== "string");
      if (gone.length > 0) await send("SREM", members, ...gone); // one that is alive adds itself again
      return machines.flatMap((machine, at): StoredReport[] => {
        const value: unknown = values[at];
        return typeof value === "string" ? [[machine, bytesOf(value)]] : [];
      });
    },
    async claim(lease, value, lifeMs) {
      for (let tries = 0; tries < CLAIM_TRIES; tries++) {
        if (await send("SET", leaseOf(lease), value, "NX", "PX", String(Math.ceil(lifeMs)))) return value;
        const held = await send("GET", leaseOf(lease));
        if (typeof held === "string") return held;
      }
      throw new Error(`lease ${lease} must be free or held, and ended ${CLAIM_TRIES} times in between`);
    },
    async renew(lease, value, lifeMs) {
      await send("SET", leaseOf(lease), value, "PX", String(Math.ceil(lifeMs)));
    },
    async setSwitch(endpoint, mode) {
      const version = String(await send("INCR", `${start}:version`));
      await send("HSET", `${start}:switches`, endpoint, JSON.stringify([endpoint, mode, version]));
    },
    async switches() {
      return listOf(await send("HVALS", `${start}:switches`)).map(switchOf);
    },
  };
}

/** @throws OptionError */
export function readPrefix(options: StoreOptions | undefined): string {
  const { prefix } = objectOption("options", options, ["prefix"]);
  if (prefix === undefined) return "bluesmoke";
  if (typeof prefix !== "string") throw wrongType("prefix", "a string", prefix);
  if (/^[\w-]{1,64}$/.test(prefix)) return prefix;
  throw optionError(
    "prefix",
    `prefix must be 1 to 64 letters, digits, _ and -, got ${JSON.stringify(prefix)}`,
  );
}

function senderOf(client: RedisClient): Send {
  const { call, sendCommand } = Object(client) as Record<string, unknown>;
  if (typeof call === "function") return (...command) => (client as { call: Send }).call(...command);
  if (typeof sendCommand === "function") {
    return (...command) =>
      (client as { sendCommand(command: string[]): Promise<unknown> }).sendCommand(command);
  }
  throw wrongType("client", "a client of redis or ioredis", client);
}

/** An array or a set, depending on the version of the protocol. @throws TypeError */
function listOf(reply: unknown): string[] {
  if (Array.isArray(reply) || reply instanceof Set) return [...reply];
  throw new TypeError(`the store must answer with a list, got ${typeof reply}`);
}

function switchOf(value: string): StoredSwitch {
  try {
    const [endpoint, mode, version] = JSON.parse(value);
    return { endpoint: String(endpoint), mode: String(mode), version: String(version) };
  } catch {
    return { endpoint: "", mode: "", version: value }; // refused, and counted, as a mode that there is none
  }
}
