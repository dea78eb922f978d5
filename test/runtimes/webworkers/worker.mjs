/** A worker of the Web: takes part in the registry, then leaves. */
import { CircuitBreakerRegistry } from "bluesmoke/shared";
import { takePart } from "../thread.mjs";

globalThis.onmessage = async ({ data: { handle, number, calls } }) => {
  const registry = CircuitBreakerRegistry.attach(handle);
  const heard = takePart(registry, number, calls);
  globalThis.postMessage({ isWorker: isWorker() });
  globalThis.postMessage({ heard: await heard });
  registry.detach();
};

function isWorker() {
  if ("Bun" in globalThis) return !Bun.isMainThread; // its global object has no class of its own
  return globalThis.constructor.name === "DedicatedWorkerGlobalScope";
}
