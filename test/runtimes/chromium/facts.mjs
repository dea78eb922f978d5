/** On a page, and as a worker of one: where this is, what conformance reports, the results of the scenarios. */
import * as library from "bluesmoke";
import * as js from "bluesmoke/js";
import * as threads from "bluesmoke/threads";
import { play, read } from "../../conformance/player.mjs";
import { conform } from "../conform.mjs";
import { runScenarios } from "../scenarios.mjs";

async function loadScript() {
  const answer = await fetch(new URL("../conformance/script.json", location.href));
  return answer.text();
}

function whereThisIs() {
  return { scope: globalThis.constructor.name, agent: navigator.userAgent, isolated: crossOriginIsolated };
}

/** Of this page, or this worker. */
export async function factsHere() {
  const reports = conform(await loadScript(), threads);
  return { where: whereThisIs(), reports, scenarios: await runScenarios(library) };
}

/** Where WebAssembly is refused. */
export async function factsWithoutWasm() {
  const report = play(read(await loadScript()), js);
  return { where: whereThisIs(), reports: { js: report }, scenarios: await runScenarios(js) };
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
