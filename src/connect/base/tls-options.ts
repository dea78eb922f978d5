/** TLS of connections that we open, and of servers of ours. Certificates and keys are texts in PEM. */
import { createSecureContext } from "node:tls";
import { objectOption, optionError } from "../../breaker/validate.ts";
import { reasonOf } from "./errors.ts";
import { flagOption } from "./flag.ts";
import { textOption } from "./text-option.ts";

/** Of connections that we open. All are optional. */
export interface TlsOptions {
  /** Certificates of the authorities that are trusted, in PEM. Default: those of Node. */
  readonly ca?: string;
  /** Our own certificate, for servers that ask for one, in PEM, with those between it and its authority. Requires `key`. */
  readonly cert?: string;
  /** The key of `cert`, in PEM, without a passphrase. Requires `cert`. */
  readonly key?: string;
  /** The name that the certificate of the server must have. Default: the host of the URL. */
  readonly serverName?: string;
  /** False: any certificate is taken, so anyone on the way can read and change the events. Default true. */
  readonly verify?: boolean;
}

/** Of a server of ours. */
export interface ServerTlsOptions {
  /** Its certificate, in PEM, with those between it and its authority. */
  readonly cert: string;
  /** The key of `cert`, in PEM, without a passphrase. */
  readonly key: string;
  /** Certificates of authorities, in PEM: a client must have a certificate of one of them. Default: clients need none. */
  readonly ca?: string;
}

/** As `tls.connect` takes them. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** As `tls.createServer` takes them. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert: boolean;
}

/** @throws OptionError naming the option, also for a key of another certificate */
export function resolveTls(value: unknown): ClientTls {
  const given = objectOption("tls", value, ["ca", "cert", "key", "serverName", "verify"]);
  const pems = pemsOf(given);
  const servername = textOption("tls.serverName", given.serverName);
  return {
    ...pems,
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: flagOption("tls.verify", given.verify, true),
  };
}

/** Undefined: none are given. @throws OptionError as `resolveTls`, and where one of `cert` and `key` is missing */
export function resolveServerTls(value: unknown): ServerTls | undefined {
  if (value === undefined) return undefined;
  const { cert, key, ca } = pemsOf(objectOption("tls", value, ["cert", "key", "ca"]));
  if (cert === undefined || key === undefined)
    throw optionError("tls.cert", "a server with TLS requires tls.cert and tls.key");
  return { cert, key, ...(ca !== undefined && { ca }), requestCert: ca !== undefined };
}

type Pems = Pick<ClientTls, "ca" | "cert" | "key">;

function pemsOf(given: Readonly<Record<string, unknown>>): Pems {
  const pems: Record<string, string> = {};
  for (const name of ["ca", "cert", "key"] as const) {
    if (given[name] !== undefined) pems[name] = pemOption(`tls.${name}`, given[name]);
  }
  const { cert, key } = pems;
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw optionError(`tls.${there}`, `tls.${there} requires tls.${missing}`);
  }
  try {
    createSecureContext(pems);
  } catch (error) {
    throw optionError("tls", `tls must have certificates and their key in PEM: ${reasonOf(error)}`);
  }
  return pems;
}

/** The value is a secret: no message has it. */
function pemOption(option: string, value: unknown): string {
  if (typeof value === "string" && value.includes("-----BEGIN ")) return value;
  throw optionError(option, `${option} must be a text in PEM, with -----BEGIN …----- in it`);
}
