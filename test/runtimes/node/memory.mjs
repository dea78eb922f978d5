/** In Node and Deno (with `--expose-gc`), and in Bun: what the garbage collector takes. Prints the results. */
import * as library from "bluesmoke";
import { checkMemory } from "../memory.mjs";

const gc = globalThis.Bun ? () => Bun.gc(true) : globalThis.gc;
console.log(JSON.stringify(await checkMemory(library, gc)));
