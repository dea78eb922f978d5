/** zstd of Node, where it has it. */
import * as zlib from "node:zlib";

/** Compresses at once; undefined before Node 22.15. */
export const { zstdCompressSync: zstdSync } = zlib as {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer;
};
