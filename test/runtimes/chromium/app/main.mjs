/** An app as a user writes it, by the names of the package's entries; `outcome` is its result. */
import { CircuitBreaker } from "bluesmoke";
import { load } from "bluesmoke/auto";
import { deploy } from "bluesmoke/embed";
import { GraphBuilder, Passthrough } from "bluesmoke/flow";
import { createSharedRegistry, watchWorker } from "bluesmoke/threads";

const FRAGILE = { detector: "consecutive_failures" };

async function alone() {
  const breaker = new CircuitBreaker("mail", FRAGILE);
  return breaker.execute(({ signal }) => (signal.aborted ? "aborted" : "sent"), { timeoutMs: 5_000 });
}

function withWorker() {
  const registry = createSharedRegistry({ threads: 1, defaults: FRAGILE });
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
  const handle = registry.handle();
  watchWorker(registry, worker, handle);
  worker.postMessage(handle);
  return new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message));
    registry.once("opened", ({ endpoint, cause }) => {
      worker.terminate();
      resolve(`${endpoint}: ${cause}`);
    });
  });
}

async function byTrickle() {
  const pipeline = "select { 'twice': event * 2 } from in where event > 1 into out;".replaceAll("'", '"');
  const out = [];
  const { finished } = deploy(pipeline, {
    sources: { numbers: [1, 2, 3] },
    sinks: { out: (event) => out.push(event) },
  });
  const { filtered } = await finished;
  return { out, filtered };
}

async function byHand() {
  const builder = new GraphBuilder();
  builder.addInput("in");
  builder.addOperator("through", new Passthrough());
  builder.addOutput("out");
  builder.link({ node: "in", port: "out" }, { node: "through", port: "in" });
  builder.link({ node: "through", port: "out" }, { node: "out/out", port: "in" });
  const { finished } = deploy(builder.build(), { sources: { words: ["a", "b"] }, sinks: { out: () => {} } });
  return (await finished).delivered;
}

async function work() {
  const [mail, payments, trickle, graph] = await Promise.all([alone(), withWorker(), byTrickle(), byHand()]);
  const { flavour } = await load();
  return { mail, payments, trickle, graph, flavour };
}

globalThis.outcome = work();
