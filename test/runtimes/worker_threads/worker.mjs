/** In Node, another thread: attaches to the registry, uses it, detaches, and ends by itself. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { attachRegistry } from "bluesmoke/threads";
import { useRegistry } from "../thread.mjs";

const { handle, number, calls } = workerData;
const registry = attachRegistry(handle);
const opened = useRegistry(registry, number, calls);
parentPort.postMessage({ isMainThread });
parentPort.postMessage({ opened: await opened });
registry.detach();
