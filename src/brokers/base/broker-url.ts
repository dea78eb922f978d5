/** URLs of brokers: `scheme://host:port/name?option=value`. */
import { type BrokerCode, BrokerError } from "./broker-error.ts";

/** An option of a URL: a text, or a whole number from .. to. */
export type UrlOption = "text" | "flag" | readonly [from: number, to: number];

/** A URL in its parts. */
export interface BrokerUrl {
  readonly host: string;
  readonly port: number;
  /** "" where there is none. */
  readonly user: string;
  readonly password: string;
  /** Of the stream, topic or key. */
  readonly name: string;
  text(option: string): string | undefined;
  number(option: string, fallback: number): number;
  flag(option: string): boolean;
}

/** @throws BrokerError for what is no such URL, an unknown option, or one out of range */
export function readBrokerUrl(
  code: BrokerCode,
  spec: string,
  port: number,
  options: Readonly<Record<string, UrlOption>>,
): BrokerUrl {
  const url = URL.canParse(spec) ? new URL(spec) : undefined;
  const name = decodeURIComponent(url?.pathname.slice(1) ?? "");
  if (!url || url.hostname === "" || name === "" || name.includes("/")) {
    const scheme = spec.split(":", 1)[0];
    throw new BrokerError(code, spec, `must be ${scheme}://host:port/name?option=value`);
  }
  const values = new Map<string, string>();
  for (const [key, value] of url.searchParams) {
    const option = options[key];
    if (option === undefined) {
      const known = Object.keys(options).join(", ");
      throw new BrokerError(code, spec, `unknown option ${JSON.stringify(key)}; expected one of ${known}`);
    }
    check(code, spec, key, value, option);
    values.set(key, value);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? port : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    name,
    text: (option) => values.get(option),
    number: (option, fallback) => (values.has(option) ? Number(values.get(option)) : fallback),
    flag: (option) => values.get(option) === "true",
  };
}

function check(code: BrokerCode, spec: string, key: string, value: string, option: UrlOption): void {
  const fault = (wanted: string) =>
    new BrokerError(code, spec, `${key} must be ${wanted}, got ${JSON.stringify(value)}`);
  if (option === "text") {
    if (value === "") throw fault("a text");
  } else if (option === "flag") {
    if (value !== "true" && value !== "false") throw fault("true or false");
  } else {
    const [from, to] = option;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= from && number <= to)) throw fault(`a whole number from ${from} to ${to}`);
  }
}
