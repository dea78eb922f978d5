/** A connection to NATS with JetStream. */
import type { JetStreamApiError, JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type BrokerCode, BrokerError, loadClient, reasonOf } from "../base/broker-error.ts";
import type { BrokerUrl } from "../base/broker-url.ts";

export interface JetStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

const PACKAGES = "@nats-io/transport-node @nats-io/jetstream";
/** Error of JetStream. */
const STREAM_NOT_FOUND = 10_059;
const RETRY_MS = 200;
const CONNECT_MS = 5_000;

/** @throws BrokerError when a package is missing, the server cannot be reached, or there is no such stream */
export async function connectNats(code: BrokerCode, spec: string, url: BrokerUrl): Promise<JetStream> {
  const [transport, jetstream] = await loadClient(code, spec, PACKAGES, () =>
    Promise.all([import("@nats-io/transport-node"), import("@nats-io/jetstream")]),
  );
  let connection: NatsConnection | undefined;
  try {
    connection = await transport.connect(natsServer(url));
    const client = jetstream.jetstream(connection);
    const manager = await client.jetstreamManager();
    await manager.streams.info(url.name);
    return { connection, client, manager };
  } catch (error) {
    await connection?.close().catch(() => {});
    const isMissing = (error as Partial<JetStreamApiError>).code === STREAM_NOT_FOUND;
    const what = isMissing ? `no stream ${JSON.stringify(url.name)}` : `cannot be used: ${reasonOf(error)}`;
    throw new BrokerError(code, spec, what, isMissing ? "create it first" : undefined, error);
  }
}

/** The server of a URL, as `connect` takes it. It is connected to again for ever. */
export function natsServer(url: BrokerUrl) {
  return {
    servers: `${url.host.includes(":") ? `[${url.host}]` : url.host}:${url.port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    timeout: CONNECT_MS,
    ...(url.user !== "" && { user: url.user }),
    ...(url.password !== "" && { pass: url.password }),
  };
}
