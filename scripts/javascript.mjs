/**
 * A Wasm module as JavaScript: runs wasm2js of binaryen (which comes with assemblyscript) and mends what it gives.
 *
 * What is mended, seen in the output of binaryen 131 and held by test/assembly/javascript.test.ts:
 * - it ends in one instance over an empty memory; we want a function that makes an instance over a given one;
 * - where memory cannot grow it answers as if it had grown, or throws; Wasm answers -1;
 * - a memory of 2 GiB or more has negative addresses; ours ends before that.
 * What stays different from Wasm: nothing traps. An address out of bounds reads as 0 or NaN and writes nothing, and
 * a division by zero gives 0; the core does neither. Addresses of f64 must be aligned; assembly/check.ts sees to it.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** From here on an address would be negative, and bytes shifted by pages too. */
const MAXIMUM_PAGES = 32_767;

const GROW = `
function __wasm_memory_size() {
return buffer.byteLength / 65536 | 0;
}
function __wasm_memory_grow(pagesToAdd) {
var oldPages = __wasm_memory_size();
var pages = pagesToAdd >>> 0;
if (pages === 0) return oldPages;
if (pages > ${MAXIMUM_PAGES} - oldPages) return -1;
try {
buffer = resized(buffer, (oldPages + pages) * 65536);
} catch (error) {
return -1;
}
HEAP8 = new Int8Array(buffer);
HEAP16 = new Int16Array(buffer);
HEAP32 = new Int32Array(buffer);
HEAPU8 = new Uint8Array(buffer);
HEAPU16 = new Uint16Array(buffer);
HEAPU32 = new Uint32Array(buffer);
HEAPF32 = new Float32Array(buffer);
HEAPF64 = new Float64Array(buffer);
memory.buffer = buffer;
return oldPages;
}
function resized(old, size) {
if (typeof old.transfer === "function") return old.transfer(size);
var copy = new ArrayBuffer(size);
new Uint8Array(copy).set(new Uint8Array(old));
return copy;
}
function growForHost(pages) {
var oldPages = __wasm_memory_grow(pages);
if (oldPages < 0) throw new RangeError("memory cannot grow by " + pages + " pages");
return oldPages;
}
`;

/**
 * TypeScript text that exports `createJsCore(memory)`: an instance over `memory`, whose `buffer` it replaces and
 * whose `grow` it sets.
 */
export function javaScriptOf(wasmPath) {
  const output = execFileSync(process.execPath, [wasm2js(), wasmPath, "-O3"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (/^import /m.test(output)) throw new Error(`${wasmPath} imports more than its memory`);
  const instance = cut(output, "var memasmFunc", /.*$/s);
  const grown = cut(instance, "function __wasm_memory_size()", /^.*?return oldPages;\s*\}/s, GROW);
  const body = cut(grown, "memory.grow = __wasm_memory_grow;", /^.*;/, "memory.grow = growForHost;");
  return [
    "export function createJsCore(memory: object): unknown {",
    // Inside the function, all of it: nothing is shared between two instances.
    body.replace(/^\s+/gm, ""),
    "return asmFunc({ env: { memory } });",
    "}\n",
  ].join("\n");
}

/** `text` with what `pattern` finds from `start` on replaced. wasm2js may change: then this says so. */
function cut(text, start, pattern, replacement = "") {
  const at = text.indexOf(start);
  if (at < 0 || !pattern.test(text.slice(at))) throw new Error(`wasm2js gave no "${start}"`);
  return text.slice(0, at) + text.slice(at).replace(pattern, () => replacement);
}

/** Path of the command, found the way assemblyscript finds it. */
function wasm2js() {
  const near = createRequire(createRequire(import.meta.url).resolve("assemblyscript/package.json"));
  const folder = dirname(near.resolve("binaryen"));
  const path = join(folder, "bin", "wasm2js");
  if (!existsSync(path)) throw new Error(`${path} is missing: binaryen has moved its wasm2js`);
  return path;
}
