/** Servers of ours. */
import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Address } from "./address.ts";
import { ConnectError, codeOf, reasonOf } from "./errors.ts";
import type { ResolvedListenOptions } from "./listen-options.ts";
import { schemeOf } from "./spec.ts";
import type { ServerTls } from "./tls-options.ts";

/**
 * Resolves to the port, once others can connect.
 *
 * @param where for messages: as the user wrote it.
 * @throws ConnectError when the address is in use, is not ours, or may not be used.
 */
export async function listen(server: Server, { host, port }: Address, where: string): Promise<number> {
  try {
    await once(server.listen({ host, port }), "listening");
  } catch (cause) {
    const [what, hint] = FAULTS[codeOf(cause)] ?? [reasonOf(cause), "give another address"];
    throw new ConnectError("ERR_SOURCE", { where, what: `cannot be listened at: ${what}`, hint, cause });
  }
  return (server.address() as AddressInfo).port; // a string only for pipes
}

/**
 * What a server with TLS is made of; undefined: the scheme wants none.
 *
 * @throws ConnectError where the scheme wants TLS and there is no certificate
 */
export function tlsFor(where: string, { tls }: ResolvedListenOptions): ServerTls | undefined {
  const scheme = schemeOf(where);
  if (scheme !== "listen:https" && scheme !== "listen:tls") return undefined;
  if (tls !== undefined) return tls;
  throw new ConnectError("ERR_SOURCE", {
    where,
    what: "cannot be listened at: a server with TLS needs a certificate and its key",
    hint: "give --listen-cert FILE and --listen-key FILE (in a program, listen.tls)",
  });
}

/**
 * Connections of a server, also those whose handshake goes on: a server with TLS does not end those when it is closed.
 * Returns what ends all of them.
 */
export function trackSockets(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

/** `text` with the port that was found. */
export function withPort({ host, path }: Address, scheme: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
}

const NOT_OURS: readonly [string, string] = [
  "it is no address of this machine",
  "give 127.0.0.1 for this machine alone, 0.0.0.0 or [::] for all its addresses",
];
const FAULTS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  EADDRINUSE: [
    "the port is in use",
    "another program has it, or this one runs already: give another port, or 0 for any that is free",
  ],
  EACCES: ["no permission", "ports below 1024 need it: give a higher one"],
  EADDRNOTAVAIL: NOT_OURS,
  ENOTFOUND: NOT_OURS,
  EAI_AGAIN: NOT_OURS,
};
