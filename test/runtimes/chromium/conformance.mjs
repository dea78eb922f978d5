/** Plays the script of conformance on a page, and as a worker of one. */
import { CircuitBreakerRegistry as Release } from "bluesmoke";
import { CircuitBreakerRegistry as JavaScript } from "bluesmoke/js";
import { CircuitBreakerRegistry as Shared } from "bluesmoke/shared";
import { play, read } from "../../conformance/player.mjs";

const FLAVOURS = {
  release: (options) => new Release(options),
  js: (options) => new JavaScript(options),
  shared: (options) => Shared.shared({ threads: 1, ...options }),
};

/** Plays it here; where, how many steps, and where they differ. */
export async function playHere(flavour) {
  const script = await fetch(new URL("../conformance/script.json", location.href));
  const report = play(read(await script.text()), FLAVOURS[flavour]);
  return { where: globalThis.constructor.name, ...report };
}

/** The same in a worker. */
export async function playInWorker(flavour) {
  const worker = new Worker(new URL("../bundled/conformance.mjs", location.href), { type: "module" });
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.postMessage(flavour);
  const report = await answer;
  worker.terminate();
  return report;
}

if (typeof document === "undefined") {
  addEventListener("message", async ({ data }) => postMessage(await playHere(data)));
}
