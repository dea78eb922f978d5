/** A worker of a page that shares a registry. Takes orders as messages `{ task, ...values }`, answers each with one. */
import { CircuitBreakerRegistry, systemClock } from "bluesmoke/shared";

let registry;
const heard = [];

const TASKS = {
  attach({ handle }) {
    registry = CircuitBreakerRegistry.attach(handle);
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
  listen({ kind }) {
    registry.on(kind, ({ endpoint }) => heard.push(endpoint));
  },
  heard: () => heard,
  state: ({ name }) => registry.get(name).state,
  /** Makes and uses breakers until somebody ends this worker. */
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

addEventListener("message", ({ data: { task, ...values } }) => {
  try {
    postMessage({ value: TASKS[task](values) });
  } catch ({ code, message }) {
    postMessage({ error: { code, message } });
  }
});
