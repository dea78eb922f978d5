/** See javascript.mjs. */
export function javaScriptOf(wasmPath: string): string;
