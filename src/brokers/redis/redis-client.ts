/** A connection to Redis by node-redis, with replies as arrays of bytes. */
import { type BrokerCode, BrokerError, loadClient, reasonOf } from "../base/broker-error.ts";
import type { BrokerUrl } from "../base/broker-url.ts";

/** What is used of the client. */
export interface RedisConnection {
  /** Rejects at once while there is no connection. Bulk strings are buffers. */
  send(command: readonly (string | Buffer)[]): Promise<unknown>;
  onState(listener: (isUp: boolean, reason: string) => void): void;
  close(): void;
}

/** Type of bulk strings in the mapping of node-redis: the byte `$`. */
const BULK_STRING = 36;
const RETRY_MS = 200;
const CONNECT_MS = 5_000;

/** @throws BrokerError when the package is missing, or the server cannot be reached */
export async function connectRedis(code: BrokerCode, spec: string, url: BrokerUrl): Promise<RedisConnection> {
  const { createClient } = await loadClient(code, spec, "redis", () => import("redis"));
  let isStarted = false;
  const client = createClient({
    RESP: 2,
    socket: {
      host: url.host,
      port: url.port,
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (_retries, cause) => (isStarted ? RETRY_MS : cause),
    },
    ...(url.user !== "" && { username: url.user }),
    ...(url.password !== "" && { password: url.password }),
    database: url.number("database", 0),
    disableOfflineQueue: true,
  });
  let listener: (isUp: boolean, reason: string) => void = () => {};
  client.on("error", (error) => listener(false, reasonOf(error)));
  client.on("ready", () => listener(true, ""));
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw new BrokerError(code, spec, `cannot be reached: ${reasonOf(error)}`, undefined, error);
  }
  isStarted = true;
  return {
    send: (command) =>
      client.sendCommand([...command], { typeMapping: { [BULK_STRING]: Buffer } }) as Promise<unknown>,
    onState: (next) => {
      listener = next;
    },
    close: () => client.destroy(),
  };
}
