/** What is wrong with a broker, for the person who typed its URL. */

/** Which end it is about, as in `ConnectError` of bluesmoke/connect. */
export type BrokerCode = "ERR_SOURCE" | "ERR_SINK";

/** A broker that cannot be used. The message has one line, or two with a hint. */
export class BrokerError extends Error {
  /** The name of the class. */
  override readonly name = "BrokerError";
  /** Stable; test this and not `instanceof`. */
  readonly code: BrokerCode;
  /** The URL, without a password. */
  readonly where: string;

  constructor(code: BrokerCode, spec: string, what: string, hint?: string, cause?: unknown) {
    const where = withoutPassword(spec);
    super(`${where}: ${what}${hint === undefined ? "" : `\n${hint}`}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.where = where;
  }
}

/** The URL with `***` in place of a password. */
export function withoutPassword(spec: string): string {
  return spec.replace(/^([a-z]+:\/\/[^:@/]*):[^@/]*@/i, "$1:***@");
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n", 1)[0]!;
}

/**
 * A package that the program has installed.
 * @param load imports it: bundlers see its name there
 * @throws BrokerError that says what to install
 */
export async function loadClient<Module>(
  code: BrokerCode,
  spec: string,
  packages: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    throw new BrokerError(code, spec, `needs ${packages}`, `npm install ${packages}`, error);
  }
}
