/** How the values of options are read from the command line. */
import { InvalidArgumentError, Option } from "commander";
import { MAXIMUM_NAME_LENGTH } from "../breaker/options.ts";
import { isOptionError } from "../breaker/validate.ts";
import {
  type HttpOptions,
  type ResolvedHttpOptions,
  resolveHttpOptions,
} from "../connect/http/httpoptions.ts";
import { withoutSecrets } from "../connect/secrets.ts";
import type { TcpOptions } from "../connect/tcp/tcpoptions.ts";

/** The names under which commander hands over the options of the HTTP sink. */
export interface HttpFlags {
  readonly batchSize?: number;
  readonly linger?: number;
  readonly inFlight?: number;
  readonly timeout?: number;
  readonly header?: Readonly<Record<string, string>>;
}

/** The names under which commander hands over the options of connections that are kept. */
export interface TcpFlags {
  readonly reconnects?: number;
  /** Commander sets it to true where --no-probe is not given. */
  readonly probe: boolean;
}

const HTTP_GROUP = "Requests, where a sink is http:// or https://:";
const TCP_GROUP = "Connections:";
const MOST_TRIES = 1_000_000;
/** By default: with the waits between them 100 s, longer than a service takes to start again. */
const DEFAULT_RETRIES = 16;

/** Their ranges are those of the sink: it says what is wrong with a value. */
export function httpFlags(): readonly Option[] {
  const { batchSize, lingerMs, requestsInFlight, timeoutMs } = resolveHttpOptions({});
  return [
    httpNumber(
      "--batch-size <events>",
      `events in one request, at most (default: ${batchSize})`,
      "batchSize",
    ),
    httpNumber(
      "--linger <ms>",
      `how long an event waits for others to share its request (default: ${lingerMs})`,
      "lingerMs",
    ),
    httpNumber(
      "--in-flight <requests>",
      `requests at once, at most (default: ${requestsInFlight})`,
      "requestsInFlight",
    ),
    httpNumber("--timeout <ms>", `of a whole request (default: ${timeoutMs})`, "timeoutMs"),
    new Option("--header <name:value>", "sent with every request; may be given several times").argParser(
      readHeader,
    ),
  ].map((option) => option.helpGroup(HTTP_GROUP));
}

export function tcpFlags(): readonly Option[] {
  return [
    new Option("--no-probe", "start even if nothing listens at the URL of a sink, or of a tcp:// source"),
    new Option("--reconnects <tries>", "to connect again after a loss of tcp:// (default: no end)").argParser(
      readWhole(0, MOST_TRIES),
    ),
  ].map((option) => option.helpGroup(TCP_GROUP));
}

/** How often an event is sent again. */
export function retriesFlag(): Option {
  return new Option("--retries <tries>", "of an event that a sink failed; 0: none")
    .argParser(readWhole(0, MOST_TRIES))
    .default(DEFAULT_RETRIES);
}

/** Only what was given. */
export function tcpOptionsOf({ reconnects, probe }: TcpFlags): TcpOptions {
  return {
    ...(reconnects === undefined ? {} : { reconnect: { maximumRetries: reconnects } }),
    ...(probe ? {} : { probe }),
  };
}

/** Only what was given. */
export function httpOptionsOf({ batchSize, linger, inFlight, timeout, header }: HttpFlags): HttpOptions {
  return {
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(linger === undefined ? {} : { lingerMs: linger }),
    ...(inFlight === undefined ? {} : { requestsInFlight: inFlight }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(header === undefined ? {} : { headers: header }),
  };
}

/** `NAME=SINK`, collected. */
export function readPort(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, name, sink] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || sink === undefined) {
    throw new InvalidArgumentError("Give NAME=SINK, such as overflow=refused.ndjson.");
  }
  if (before.has(name)) throw new InvalidArgumentError(`The port ${name} was given a sink already.`);
  return new Map([...before, [name, sink]]);
}

/** A source; several are collected. */
export function readSource(text: string, before: readonly string[] = []): readonly string[] {
  if (before.includes(text)) throw new InvalidArgumentError("It was given already.");
  return [...before, text];
}

/** A sink: a second one would silently take the place of the first. */
export function readOnce(text: string, before?: string): string {
  if (before === undefined) return text;
  throw new InvalidArgumentError(`It was given already: ${withoutSecrets(before)}.`);
}

/** The name of an endpoint. */
export function readEndpoint(text: string): string {
  if (text.length >= 1 && text.length <= MAXIMUM_NAME_LENGTH) return text;
  throw new InvalidArgumentError(`Give a name of 1 to ${MAXIMUM_NAME_LENGTH} characters.`);
}

/** A whole number from `least` to `most`. */
export function readWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (isWhole(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

function httpNumber(flags: string, description: string, name: keyof ResolvedHttpOptions): Option {
  return numberFlag(flags, description, (value) => resolveHttpOptions({ [name]: value }));
}

/** A flag whose range is known to `check`, which throws an OptionError for a bad value. */
export function numberFlag(flags: string, description: string, check: (value: unknown) => unknown): Option {
  return new Option(flags, description).argParser((text) => {
    refuseBad(() => check(isWhole(text) ? Number(text) : text));
    return Number(text);
  });
}

function readHeader(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^:]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Give NAME:VALUE, such as "authorization: Bearer …".');
  }
  const headers = { ...before, [name.trim()]: value };
  refuseBad(() => resolveHttpOptions({ headers }));
  return headers;
}

/** What is said about a value, without the name that it has there: commander names the option as it was typed. */
function refuseBad(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!isOptionError(error)) throw error;
    throw new InvalidArgumentError(`It${error.message.slice(error.option.length)}.`);
  }
}

/** Written in digits alone: `Number` would take "", " 7" and "1e3" as well. */
function isWhole(text: string): boolean {
  return /^\d+$/.test(text);
}
