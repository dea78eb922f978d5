/** A file that is built for an entry: see entries.mjs. */
export interface Output {
  readonly subpath: string;
  readonly condition: string;
  readonly source: string;
  readonly name: string;
  readonly core: string;
}

type Entry = string | readonly string[];

export const ENTRIES: Readonly<Record<string, Entry | Readonly<Record<string, Entry>>>>;
export const DEFAULT_ENTRIES: readonly string[];
export const DEFAULT_CORE: string;
export const PROGRAMS: Readonly<Record<string, string>>;
export const BROKER_CLIENTS: readonly string[];
export const NODE_ENTRIES: readonly string[];
export const COMMAND_CLIENTS: readonly string[];
export const PEERS: readonly string[];
export function outputs(): Output[];
