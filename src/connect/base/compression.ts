/** Compression of whole bodies, off the event loop. */
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { nameOption, optionError } from "../../breaker/validate.ts";

/** How a body is compressed. */
export type CompressionName = "none" | "gzip" | "zstd";

/** What an encoding of HTTP does with a body. */
export interface Compression {
  /** Value of `content-encoding`. */
  readonly encoding: string;
  compress(body: Uint8Array): Promise<Uint8Array>;
}

/** The part of `node:zlib` that Node 20 does not have. */
interface Zstd {
  readonly zstdCompress?: (body: Uint8Array, done: (error: Error | null, compressed: Buffer) => void) => void;
}

const { zstdCompress } = zlib as Zstd;
/** Why there is no zstd. */
export const NO_ZSTD = `zstd needs Node 22.15 or 23.8, this is Node ${process.versions.node}`;
/**
 * Measured on 810 kB of NDJSON: level 1 takes 5 ms for 20 % of the size, level 3 7 ms for 19 %, level 6 (the default of zlib)
 * 12 ms for 16 %.
 */
const GZIP_LEVEL = 3;
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

/** @throws OptionError, also where this Node has no zstd */
export function compressionOption(option: string, value: unknown): Compression | undefined {
  const name = nameOption<CompressionName>(option, value, ["none", "gzip", "zstd"], "none");
  if (name === "none") return undefined;
  if (name === "gzip") return { encoding: name, compress: (body) => gzip(body, { level: GZIP_LEVEL }) };
  if (zstdCompress === undefined) throw optionError(option, `${option} must be none or gzip: ${NO_ZSTD}`);
  return { encoding: name, compress: promisify(zstdCompress) };
}
