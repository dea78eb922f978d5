/** The dashboard of a run, served at an address of its own. */
import { createServer, type Server } from "node:http";
import type { Address } from "../connect/address.ts";
import { listen, withPort } from "../connect/listen.ts";
import { dashboard } from "../dashboard/dashboard.ts";
import { nodeListener } from "../dashboard/node-listener.ts";
import type { CircuitBreakerRegistry } from "../entry/main.ts";

/** A page that is served. */
export interface LivePage {
  readonly url: string;
  /** What the user should know before it starts. */
  readonly warnings: readonly string[];
  /** Ends all connections, too. */
  close(): void;
}

/** @throws ConnectError when the address cannot be listened at. */
export async function servePage(
  registry: CircuitBreakerRegistry,
  address: Address,
  controls: boolean,
): Promise<LivePage> {
  const handler = dashboard(registry, { controls, history: "always" });
  const server = createServer(nodeListener((request) => refusalOf(request, address) ?? handler(request)));
  const where = withPort(address, "http", address.port);
  let port: number;
  try {
    port = await listen(server, address, where);
  } catch (error) {
    handler.close();
    throw error;
  }
  return {
    url: `${withPort(address, "http", port)}/`,
    warnings: warningsOf(address, where, controls),
    close() {
      handler.close();
      end(server);
    },
  };
}

/** A page of another site whose name leads to this machine (DNS rebinding) has its own name as the host. */
function refusalOf({ url }: Request, { host }: Address): Response | undefined {
  const { hostname } = new URL(url);
  const named = hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(host) || isLoopback(named) || named === host) return undefined;
  return new Response(`refused: this page is for ${host} alone, not for ${named}\n`, { status: 403 });
}

function warningsOf({ host }: Address, where: string, controls: boolean): readonly string[] {
  if (isLoopback(host)) return [];
  const can = controls ? "can see the breakers and switch them" : "can see the breakers";
  return [
    `warning: anyone who can reach ${where} ${can}: there is no authentication; give 127.0.0.1 for this machine alone`,
  ];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}
