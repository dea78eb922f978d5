/** The build of the core that may run here: chosen where it runs, so that a page that compiles WebAssembly never loads the other. */
import type { CoreModule } from "../core/module.ts";

/** The shortest Wasm module: its magic number and version. */
const EMPTY_MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

let chosen: CoreModule | undefined;
let loading: Promise<CoreModule> | undefined;

/** Fetches one of the two builds; decides once. */
export function loadCore(): Promise<CoreModule> {
  loading ??= fetchCore().catch((error: unknown) => {
    loading = undefined; // what could not be fetched may be there the next time
    throw error;
  });
  return loading;
}

async function fetchCore(): Promise<CoreModule> {
  const { coreModule } = isWasmAllowed() ? await import("./inline.ts") : await import("./javascript.ts");
  chosen = coreModule;
  return chosen;
}

/** Whether a module may be compiled and has memory. A page that refuses reports the attempt as a violation of its policy, once. */
function isWasmAllowed(): boolean {
  try {
    new WebAssembly.Module(new Uint8Array(EMPTY_MODULE));
    new WebAssembly.Memory({ initial: 1 });
    return true;
  } catch {
    return false;
  }
}

function loaded(): CoreModule {
  if (chosen) return chosen;
  throw new Error("bluesmoke/auto has no core yet: await load() before the first breaker is made");
}

/** Stands for the build that is chosen. */
export const coreModule: CoreModule = {
  flavour: "auto",
  shared: false,
  createMemory: () => loaded().createMemory(),
  instantiate: (heap) => loaded().instantiate(heap),
};
