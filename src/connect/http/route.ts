/** The way to an endpoint of HTTP: at once or by a proxy, with TLS or without. */
import type { Socket } from "node:net";
import { ConnectError } from "../base/errors.ts";
import { PROBE_TIMEOUT_MS, reach, secure, unreachable } from "../base/reach.ts";
import type { ClientTls } from "../base/tls-options.ts";
import { type HttpProxy, targetIn } from "./proxy.ts";
import { tunnel } from "./tunnel.ts";

export interface Route {
  /** Where requests go. */
  readonly url: URL;
  /** Between us and the endpoint; undefined: none. */
  readonly proxy: HttpProxy | undefined;
  /** Where the URL is https://. */
  readonly tls: ClientTls;
}

/**
 * Takes the way once and closes the connection again. Sends no request: whether the endpoint is well is the breaker's business,
 * this is to find a wrong URL, a wrong proxy and a wrong certificate.
 *
 * @throws ConnectError when the name is unknown, the connection is refused, the certificate is refused or no answer comes in time.
 */
export async function probe(route: Route, name: string, timeoutMs = PROBE_TIMEOUT_MS): Promise<void> {
  const { url, proxy, tls } = route;
  const target = targetIn(url);
  let socket: Socket | undefined;
  try {
    const isSecure = url.protocol === "https:";
    if (proxy === undefined) socket = await reach(target, timeoutMs);
    else socket = isSecure ? await tunnel(proxy, target, timeoutMs) : await reachProxy(proxy, timeoutMs);
    if (isSecure) socket = await secure(socket, target.host, tls, timeoutMs);
  } catch (cause) {
    throw cause instanceof ConnectError ? cause : unreachable("ERR_SINK", name, cause);
  } finally {
    socket?.destroy();
  }
}

async function reachProxy({ url }: HttpProxy, timeoutMs: number): Promise<Socket> {
  try {
    return await reach(targetIn(url), timeoutMs);
  } catch (cause) {
    throw unreachable("ERR_SINK", `the proxy ${url.origin}`, cause);
  }
}
