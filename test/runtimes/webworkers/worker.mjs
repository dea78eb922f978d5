/** A worker of the Web: attaches to the registry, uses it, detaches. */
import { attachRegistry } from "bluesmoke/threads";
import { useRegistry } from "../thread.mjs";

globalThis.onmessage = async ({ data: { handle, number, calls } }) => {
  const registry = attachRegistry(handle);
  const opened = useRegistry(registry, number, calls);
  globalThis.postMessage({ isWorker: isWorker() });
  globalThis.postMessage({ opened: await opened });
  registry.detach();
};

function isWorker() {
  if ("Bun" in globalThis) return !Bun.isMainThread; // its global object has no class of its own
  return globalThis.constructor.name === "DedicatedWorkerGlobalScope";
}
