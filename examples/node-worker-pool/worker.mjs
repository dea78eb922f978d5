/** One thread of the pool: works through its jobs, each a call of the endpoint. */
import { parentPort, workerData } from "node:worker_threads";
import { isCircuitOpenError } from "bluesmoke";
import { attachRegistry } from "bluesmoke/threads";

const { handle, url, jobs } = workerData;
const breakers = attachRegistry(handle);
const orders = breakers.get("orders");
const result = { done: 0, failed: 0, refused: 0 };

for (let job = 0; job < jobs; job++) {
  try {
    await orders.execute(place, { timeoutMs: 1_000 });
    result.done++;
  } catch (error) {
    if (isCircuitOpenError(error)) {
      result.refused++;
      await new Promise((resolve) => setTimeout(resolve, 5)); // a real job would be put back into its queue
    } else result.failed++;
  }
}
parentPort.postMessage(result);
breakers.detach();

async function place({ signal }) {
  const response = await fetch(url, { method: "POST", signal });
  await response.text();
  if (response.status >= 500) throw new Error(`the endpoint answered ${response.status}`);
}
