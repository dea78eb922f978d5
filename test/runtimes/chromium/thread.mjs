/** A worker of a page, with a shared registry. Gets tasks as messages `{ task, ...values }`, answers each with one. */
import { systemClock } from "bluesmoke";
import { attachRegistry } from "bluesmoke/threads";

let registry;
const events = [];

const TASKS = {
  attach({ handle }) {
    registry = attachRegistry(handle);
    return { agent: navigator.userAgent, isolated: crossOriginIsolated, nowMs: systemClock() };
  },
  detach() {
    registry.detach();
  },
  fail({ name, calls }) {
    const breaker = registry.get(name);
    for (let call = 0; call < calls; call++) breaker.onFailure(breaker.tryAcquire());
    return breaker.state;
  },
  succeed({ name, calls }) {
    const breaker = registry.get(name);
    for (let call = 0; call < calls; call++) breaker.onSuccess(breaker.tryAcquire());
  },
  /** Three calls at once: one is answered, two hang. */
  execute({ name, timeoutMs }) {
    const breaker = registry.get(name);
    const never = () => new Promise(() => {});
    const read = ({ signal }) => signal && never();
    const calls = [never, read, async () => "answered"].map((fn) => breaker.execute(fn, { timeoutMs }));
    return Promise.all(calls.map((call) => call.catch(({ code }) => code)));
  },
  listen({ kind }) {
    registry.on(kind, ({ endpoint }) => events.push(endpoint));
  },
  events: () => events,
  state: ({ name }) => registry.get(name).state,
  /** Makes, uses and deletes breakers until this worker is terminated. */
  churn() {
    for (let n = 0; ; n = (n + 1) % 300) {
      const breaker = registry.get(`churned ${n}`);
      breaker.onFailure(breaker.tryAcquire());
      if (n % 7 === 0) registry.delete(`churned ${n}`);
    }
  },
  end() {
    close();
  },
};

addEventListener("message", async ({ data: { task, ...values } }) => {
  try {
    postMessage({ value: await TASKS[task](values) });
  } catch ({ code, message }) {
    postMessage({ error: { code, message } });
  }
});
