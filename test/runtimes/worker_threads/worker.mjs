/** In Node, another thread: takes part in the registry, then leaves, and ends by itself. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { CircuitBreakerRegistry } from "bluesmoke/shared";
import { takePart } from "../thread.mjs";

const { handle, number, calls } = workerData;
const registry = CircuitBreakerRegistry.attach(handle);
const heard = takePart(registry, number, calls);
parentPort.postMessage({ isMainThread });
parentPort.postMessage({ heard: await heard });
registry.detach();
