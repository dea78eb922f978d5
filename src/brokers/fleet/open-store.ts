/** The store of a fleet by its URL, over the client that is installed. */

import { natsStore } from "../../fleet/nats-store.ts";
import { redisStore } from "../../fleet/redis-store.ts";
import type { FleetStore } from "../../fleet/store.ts";
import { BrokerError, loadClient, reasonOf } from "../base/broker-error.ts";
import type { BrokerUrl } from "../base/broker-url.ts";
import { natsServer } from "../nats/nats-client.ts";
import { connectRedis } from "../redis/redis-client.ts";
import { readStoreUrl, type StoreUrl } from "./store-url.ts";

export interface OpenStore extends Omit<StoreUrl, "url"> {
  readonly store: FleetStore;
  close(): void;
}

/** What every opener makes. */
type Opened = Pick<OpenStore, "store" | "close">;

const NATS_PACKAGES = "@nats-io/transport-node @nats-io/kv";
const RETRY_MS = 1_000;

/**
 * @param spec a URL that `readStoreUrl` takes
 * @param options `probe` false: resolves at once, and the store rejects everything until it can be reached
 * @throws BrokerError when the client is not installed, and when the store cannot be reached
 */
export async function openStore(spec: string, { probe }: { readonly probe: boolean }): Promise<OpenStore> {
  const { scheme, url, options } = readStoreUrl(spec);
  const open = scheme === "redis" ? openRedisStore : openNatsStore;
  if (scheme === "redis") await loadClient("ERR_SINK", spec, "redis", () => import("redis"));
  else await loadClient("ERR_SINK", spec, NATS_PACKAGES, loadNats);
  const { store, close } = probe ? await open(spec, url) : lateStore(() => open(spec, url));
  return { scheme, options, store, close };
}

async function openRedisStore(spec: string, url: BrokerUrl): Promise<Opened> {
  const connection = await connectRedis("ERR_SINK", spec, url);
  // The connection answers with buffers; keys and values of a fleet are ASCII.
  const sendCommand = async (command: string[]) => textsIn(await connection.send(command));
  return { store: redisStore({ sendCommand }, { prefix: url.name }), close: () => connection.close() };
}

function textsIn(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString();
  return Array.isArray(reply) ? reply.map(textsIn) : reply;
}

function loadNats() {
  return Promise.all([import("@nats-io/transport-node"), import("@nats-io/kv")]);
}

async function openNatsStore(spec: string, url: BrokerUrl): Promise<Opened> {
  const [{ connect }, { Kvm }] = await loadNats();
  try {
    const connection = await connect(natsServer(url));
    try {
      const kvm = new Kvm(connection);
      const store = natsStore(kvm as never, { prefix: url.name });
      await store.switches(); // without JetStream there are no buckets
      return { store, close: () => void connection.close().catch(() => {}) };
    } catch (error) {
      await connection.close().catch(() => {});
      throw error;
    }
  } catch (error) {
    throw new BrokerError("ERR_SINK", spec, `cannot be used: ${reasonOf(error)}`, undefined, error);
  }
}

/** Opens it as often as it takes; until then every function rejects with the latest reason. */
function lateStore(open: () => Promise<Opened>): Opened {
  let opened: Opened | undefined;
  let isClosed = false;
  let reason: unknown = new Error("the store was not reached yet");
  let timer: NodeJS.Timeout | undefined;
  const tryOpen = async (): Promise<void> => {
    try {
      const found = await open();
      if (isClosed) found.close();
      else opened = found;
    } catch (error) {
      reason = error;
      if (!isClosed) timer = setTimeout(() => void tryOpen(), RETRY_MS).unref();
    }
  };
  void tryOpen();
  const now = (): FleetStore => {
    if (opened === undefined) throw reason;
    return opened.store;
  };
  return {
    store: {
      publish: async (...values) => now().publish(...values),
      reports: async () => now().reports(),
      claim: async (...values) => now().claim(...values),
      renew: async (...values) => now().renew(...values),
      setSwitch: async (...values) => now().setSwitch(...values),
      switches: async () => now().switches(),
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      opened?.close();
    },
  };
}
