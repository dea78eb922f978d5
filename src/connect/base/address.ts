/** Host, port and path of a URL whose port must be written. */
import { type ConnectCode, ConnectError } from "./errors.ts";
import { isListener, LISTEN } from "./spec.ts";

export interface Address {
  /** A name or an address; one of IPv6 without its brackets. */
  readonly host: string;
  /** 1 to 65,535; where others connect to us also 0: any port that is free. */
  readonly port: number;
  /** What follows the port; "" where nothing does. */
  readonly path: string;
}

const AUTHORITY = /:\/\/(\[[0-9a-f:.]+\]|[^/:?#@[\]\s]+)(?::([^/?#]*))?(\/[^?#\s]*)?$/i;
const PORT = /^\d{1,5}$/;
const HIGHEST_PORT = 65_535;

/**
 * Takes a spec such as `tcp://127.0.0.1:7000` or `listen:http://[::1]:8080/ingest` apart.
 *
 * @throws ConnectError for what is no address, and for a port that is missing or none.
 */
export function addressOf(spec: string, code: ConnectCode): Address {
  const found = AUTHORITY.exec(spec);
  if (found === null) throw badAddress(spec, code, "is not a valid address");
  const [, host = "", port, path = ""] = found;
  if (port === undefined || port === "") throw badAddress(spec, code, "has no port");
  const lowest = isListener(spec) ? 0 : 1;
  if (!PORT.test(port) || Number(port) < lowest || Number(port) > HIGHEST_PORT) {
    throw badAddress(spec, code, `the port must be a number from ${lowest} to ${HIGHEST_PORT}, not ${port}`);
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port), path };
}

/**
 * The address of a line of TCP: it has no path.
 *
 * @throws ConnectError as `addressOf`, and for a path.
 */
export function tcpAddressOf(spec: string, code: ConnectCode): Address {
  const address = addressOf(spec, code);
  if (address.path === "") return address;
  throw badAddress(spec, code, `has a path, ${address.path}, and TCP knows none`);
}

function badAddress(where: string, code: ConnectCode, what: string): ConnectError {
  const example = `${isListener(where) ? LISTEN : ""}${where.includes("http:") ? "http://127.0.0.1:8080/ingest" : "tcp://127.0.0.1:7000"}`;
  return new ConnectError(code, { where, what, hint: `give host and port, such as ${example}` });
}
