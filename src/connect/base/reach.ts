/** Connects to an endpoint, or says why that cannot be done. */
import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Address } from "./address.ts";
import { type ConnectCode, ConnectError, codeOf, reasonOf } from "./errors.ts";
import type { ClientTls } from "./tls-options.ts";

/** How long a connection may take, in ms. */
export const PROBE_TIMEOUT_MS = 3_000;

/** After this time of silence, in ms, the system asks whether the other side is still there. */
const KEEP_ALIVE_MS = 30_000;

/** Where a connection leads. */
export type Target = Pick<Address, "host" | "port">;

/**
 * Opens a TCP connection.
 *
 * @throws Error whose message says why in one line.
 */
export async function reach({ host, port }: Target, timeoutMs: number): Promise<Socket> {
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(timeoutMs) });
    return socket;
  } catch (cause) {
    // A connection that fails after we stopped waiting must not end the process.
    socket.on("error", () => {});
    socket.destroy();
    throw new Error(faultOf(cause, host, timeoutMs), { cause });
  }
}

/**
 * The same connection with TLS. Where that fails it is closed.
 *
 * @param host whose certificate is looked for
 * @throws Error whose message says why in one line.
 */
export async function secure(
  socket: Socket,
  host: string,
  tls: ClientTls,
  timeoutMs: number,
): Promise<TLSSocket> {
  // The name of an address is no name of a server; its certificate is compared with the address all the same.
  const servername = tls.servername ?? (isIP(host) === 0 ? host : "");
  const secured = connectTls({ ...tls, socket, host, servername });
  try {
    await once(secured, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
    return secured;
  } catch (cause) {
    secured.on("error", () => {});
    secured.destroy();
    throw new Error(`TLS: ${faultOf(cause, host, timeoutMs)}`, { cause });
  }
}

/** @param cause what `reach` threw. */
export function unreachable(code: ConnectCode, where: string, cause: unknown): ConnectError {
  const what = `cannot be reached: ${reasonOf(cause)}`;
  return new ConnectError(code, { where, what, hint: HINT, cause });
}

const HINT =
  "check the URL and that the server is running, or start without looking (--no-probe; in a program, probe: false)";

function faultOf(error: unknown, host: string, timeoutMs: number): string {
  const code = codeOf(error);
  if (code === "ABORT_ERR") return `no answer within ${timeoutMs} ms`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name ${host} is unknown`;
  return reasonOf(error);
}
