/** An HTTP server at an address that the user gave, for the dashboard and the status of a run. */
import { createServer, type Server } from "node:http";
import type { Address } from "../../connect/base/address.ts";
import { listen, withPort } from "../../connect/base/listen.ts";
import { type Handler, nodeListener } from "../../dashboard/node-listener.ts";

export interface Served {
  /** With a slash at its end. */
  readonly url: string;
  /** For the user, where others reach the address; undefined: they do not. */
  readonly warning: string | undefined;
  /** Ends all connections, too. */
  close(): void;
}

/**
 * Answers requests until it is closed.
 *
 * @param can for the warning: what a client can do there
 * @throws ConnectError when the address cannot be listened at
 */
export async function serve(handler: Handler, address: Address, can: string): Promise<Served> {
  const server = createServer(nodeListener((request) => refusalOf(request, address) ?? handler(request)));
  const where = withPort(address, "http", address.port);
  const port = await listen(server, address, where);
  return {
    url: `${withPort(address, "http", port)}/`,
    warning: warningOf(address, where, can),
    close: () => end(server),
  };
}

/** A page of another site whose name leads to this machine (DNS rebinding) has its own name as the host. */
function refusalOf({ url }: Request, { host }: Address): Response | undefined {
  const { hostname } = new URL(url);
  const named = hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(host) || isLoopback(named) || named === host) return undefined;
  return new Response(`refused: this page is for ${host} alone, not for ${named}\n`, { status: 403 });
}

function warningOf({ host }: Address, where: string, can: string): string | undefined {
  if (isLoopback(host)) return undefined;
  return `warning: anyone who can reach ${where} ${can}: there is no authentication; give 127.0.0.1 for this machine alone`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}
