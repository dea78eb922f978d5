/** A fleet over the key-value buckets of NATS JetStream, by the `Kvm` of `@nats-io/kv` of the program. */
import { wrongType } from "../breaker/validate.ts";
import { NatsReports, type NatsWatch } from "./nats-reports.ts";
import { readPrefix, type StoreOptions } from "./redis-store.ts";
import type { FleetStore, StoredSwitch } from "./store.ts";

/** What is used of a value in a bucket of `@nats-io/kv`. */
export interface NatsEntry {
  /** Rises with each change of the key. */
  readonly revision: number;
  /** The value as text. */
  string(): string;
}

/** What is used of a bucket of `@nats-io/kv`. */
export interface NatsBucket {
  /** Sets a key; resolves to its revision. */
  put(key: string, value: Uint8Array | string): Promise<number>;
  /** Sets a key that is not there; rejects where it is. Resolves to its revision. */
  create(key: string, value: string): Promise<number>;
  /** Sets a key that has this revision; rejects where it has another one. Resolves to the new revision. */
  update(key: string, value: string, revision: number): Promise<number>;
  /** The value of a key; null: it is not there. */
  get(key: string): Promise<NatsEntry | null>;
  /** Every change of a key from now on. */
  watch(): Promise<NatsWatch>;
}

/** What is used of `Kvm` of `@nats-io/kv`. */
export interface NatsKvm {
  /** Opens a bucket, and makes it where it is not there; `ttl` in ms. */
  create(name: string, options: { ttl?: number; history?: number; storage?: "memory" }): Promise<NatsBucket>;
}

/** A lease as this machine saw it: NATS 2.9 has no life of a key, so each machine counts it on its own clock. */
interface SeenLease {
  readonly revision: number;
  readonly sinceMs: number;
}

/** ms after which the store forgets a lease. */
const LEASE_BUCKET_MS = 3_600_000;
const TRIES = 3;
/** The key of all switches. */
const SWITCHES = "all";

/**
 * A fleet in NATS 2.9 or later: `natsStore(new Kvm(connection))`. Makes three buckets in memory, `<prefix>-reports`,
 * `<prefix>-leases` and `<prefix>-switches`, and again if the server has lost them.
 * @throws OptionError when it is no `Kvm`, or for a bad prefix.
 */
export function natsStore(kvm: NatsKvm, options?: StoreOptions): FleetStore {
  if (typeof Object(kvm).create !== "function") throw wrongType("kvm", "a Kvm of @nats-io/kv", kvm);
  const bucket = bucketsOf(kvm, readPrefix(options));
  const seen = new Map<string, SeenLease>();
  const read = new NatsReports(nameOf);
  return {
    async publish(machine, report, lifeMs) {
      await bucket("reports", lifeMs, (reports) => reports.put(keyOf(machine), report));
    },
    async reports() {
      return bucket("reports", undefined, (reports, lifeMs) => read.read(reports, lifeMs));
    },
    async claim(lease, value, lifeMs) {
      return bucket("leases", LEASE_BUCKET_MS, (leases) => claimIn(leases, seen, lease, value, lifeMs));
    },
    async renew(lease, value, lifeMs) {
      await bucket("leases", LEASE_BUCKET_MS, (leases) => leases.put(lease, leaseText(value, lifeMs)));
    },
    async setSwitch(endpoint, mode) {
      await bucket("switches", 0, (switches) => setSwitchIn(switches, endpoint, mode));
    },
    async switches() {
      return bucket("switches", 0, async (switches) => switchesIn(await switches.get(SWITCHES)));
    },
  };
}

/** Runs an action on a bucket, which is made when it is first used, and after an error: the server may have lost it. */
function bucketsOf(kvm: NatsKvm, prefix: string) {
  const buckets = new Map<string, Promise<NatsBucket>>();
  let reportMs = 3_000;
  return async <Result>(
    name: string,
    lifeMs: number | undefined,
    action: (bucket: NatsBucket, lifeMs: number) => Promise<Result>,
  ): Promise<Result> => {
    if (name === "reports" && lifeMs !== undefined) reportMs = lifeMs;
    const ttl = lifeMs ?? reportMs;
    const made =
      buckets.get(name) ??
      kvm.create(`${prefix}-${name}`, { history: 1, storage: "memory", ...(ttl > 0 && { ttl }) });
    buckets.set(name, made);
    try {
      return await action(await made, ttl);
    } catch (error) {
      if (buckets.get(name) === made) buckets.delete(name);
      throw error;
    }
  };
}

function switchesIn(entry: NatsEntry | null): StoredSwitch[] {
  const all: unknown = entry ? JSON.parse(entry.string()) : [];
  if (!Array.isArray(all)) throw new TypeError("the switches of the fleet must be a list");
  return all.map(([endpoint, mode, version]) => ({
    endpoint: String(endpoint),
    mode: String(mode),
    version: String(version),
  }));
}

/** All switches are one value, so that they are read at once, and replaced only where no other machine was faster. */
async function setSwitchIn(bucket: NatsBucket, endpoint: string, mode: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const entry = await bucket.get(SWITCHES);
    const others = switchesIn(entry).filter((one) => one.endpoint !== endpoint);
    const version = String((entry?.revision ?? 0) + 1);
    const all = [...others, { endpoint, mode, version }];
    const text = JSON.stringify(all.map((one) => [one.endpoint, one.mode, one.version]));
    if (await isDone(entry ? bucket.update(SWITCHES, text, entry.revision) : bucket.create(SWITCHES, text)))
      return;
  }
  throw new Error(`switch ${JSON.stringify(endpoint)} must be set alone, and others were set ${TRIES} times`);
}

async function claimIn(
  leases: NatsBucket,
  seen: Map<string, SeenLease>,
  lease: string,
  value: string,
  lifeMs: number,
): Promise<string> {
  const text = leaseText(value, lifeMs);
  for (let tries = 0; tries < TRIES; tries++) {
    const held = await leases.get(lease);
    if (!held) {
      if (await isDone(leases.create(lease, text))) return value;
      continue;
    }
    const [heldMs, heldValue] = leaseOf(held.string());
    const nowMs = performance.now();
    const before = seen.get(lease);
    const sinceMs = before?.revision === held.revision ? before.sinceMs : nowMs;
    seen.set(lease, { revision: held.revision, sinceMs });
    if (nowMs - sinceMs < heldMs) return heldValue;
    if (await isDone(leases.update(lease, text, held.revision))) return value;
  }
  throw new Error(`lease ${lease} must be free or held, and changed ${TRIES} times in between`);
}

/** Whether no other machine was faster. @throws any other error */
async function isDone(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    const { code, message } = Object(error);
    const WRONG_LAST_SEQUENCE = 10_071;
    if (code === WRONG_LAST_SEQUENCE || /wrong last sequence/.test(String(message))) return false;
    throw error;
  }
}

function leaseText(value: string, lifeMs: number): string {
  return `${Math.ceil(lifeMs)} ${value}`;
}

/** A life that makes no sense is none: the lease is free. */
function leaseOf(text: string): readonly [lifeMs: number, value: string] {
  const [life = "", ...words] = text.split(" ");
  return [Math.min(Number.parseInt(life, 10) || 0, LEASE_BUCKET_MS), words.join(" ")];
}

/** Keys of NATS have letters, digits and few signs: every other UTF-16 unit becomes `=` and four hexadecimal digits. */
function keyOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The inverse of `keyOf`. */
function nameOf(key: string): string {
  return key.replace(/=([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
