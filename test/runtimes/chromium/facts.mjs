/** On a page, and as a worker of one: where this is, what conformance says, what the tour has shown. */
import * as library from "bluesmoke";
import * as js from "bluesmoke/js";
import * as shared from "bluesmoke/shared";
import { play, read } from "../../conformance/player.mjs";
import { conform } from "../conform.mjs";
import { tour } from "../tour.mjs";

async function loadScript() {
  const answer = await fetch(new URL("../conformance/script.json", location.href));
  return answer.text();
}

function whereThisIs() {
  return { scope: globalThis.constructor.name, agent: navigator.userAgent, isolated: crossOriginIsolated };
}

/** Of this page, or this worker. */
export async function factsHere() {
  return { where: whereThisIs(), reports: conform(await loadScript(), shared), tour: await tour(library) };
}

/** Where WebAssembly is refused. */
export async function factsWithoutWasm() {
  const report = play(read(await loadScript()), (options) => new js.CircuitBreakerRegistry(options));
  return { where: whereThisIs(), reports: { js: report }, tour: await tour(js) };
}

/** Of a worker of this page. */
export async function factsOfWorker() {
  const worker = new Worker(new URL("../bundled/facts.mjs", location.href), { type: "module" });
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.postMessage("begin");
  const facts = await answer;
  worker.terminate();
  return facts;
}

if (typeof document === "undefined") addEventListener("message", async () => postMessage(await factsHere()));
