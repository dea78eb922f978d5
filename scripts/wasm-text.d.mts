/** See wasm-text.mjs. */
export function textOf(bytes: Uint8Array): string;
