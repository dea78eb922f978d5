/** What `import` throws for bytes that it cannot take. */

/**
 * "foreign": no export of this library. "version": one of another format. "truncated": shorter or longer than it
 * says. "damaged": its checksum is not that of its bytes. "content": undamaged, but it says what cannot be.
 */
export type ImportFault = "foreign" | "version" | "truncated" | "damaged" | "content";

const LEADS: Readonly<Record<ImportFault, string>> = {
  foreign: "these bytes are no export of breakers",
  version: "these bytes are of another format",
  truncated: "these bytes are not whole",
  damaged: "these bytes are damaged",
  content: "these bytes say what no breaker can be",
};

/** Bytes that cannot be imported; nothing was changed. */
export class ImportError extends Error {
  /** Always "ImportError". */
  override readonly name = "ImportError";
  /** Stable; test this, or ask `isImportError`, and not `instanceof`. */
  readonly code = "ERR_IMPORT";
  /** What is wrong with the bytes. */
  readonly fault: ImportFault;

  /** `detail`: what was found. */
  constructor(fault: ImportFault, detail: string, options?: ErrorOptions) {
    super(`${LEADS[fault]}: ${detail}`, options);
    this.fault = fault;
  }
}

/** Whether bytes were refused by `import`; works across realms and duplicate installs. */
export function isImportError(error: unknown): error is ImportError {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_IMPORT";
}
