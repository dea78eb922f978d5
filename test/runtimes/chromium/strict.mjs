/** What works where WebAssembly is refused. */
import { CircuitBreaker as WasmBreaker } from "bluesmoke";
import { load } from "bluesmoke/auto";
import { deploy } from "bluesmoke/embed";
import { createSharedRegistry } from "bluesmoke/threads";

const FRAGILE = { detector: "consecutive_failures" };
const PIPELINE = `
  define qos::circuit_breaker operator cb with detector = "consecutive_failures" end;
  create operator cb;
  select event from in into cb;
  select event from cb into out;
  select event from cb/overflow into out/overflow;
`;

function errorOf(work) {
  try {
    work();
    return undefined;
  } catch ({ name, code, message, cause }) {
    return { name, code, message, cause: String(cause) };
  }
}

/** The errors of the flavours with WebAssembly. */
export function requireWasm() {
  return {
    breaker: errorOf(() => new WasmBreaker("a")),
    shared: errorOf(() => createSharedRegistry({ threads: 1 })),
  };
}

/** A breaker of the flavour that may run here. */
export async function loadAny() {
  const { flavour, CircuitBreaker } = await load();
  const breaker = new CircuitBreaker("a", FRAGILE);
  const down = () => Promise.reject(new Error("down"));
  for (let call = 0; call < 5; call++) await breaker.execute(down).catch(() => {});
  const { code } = await breaker.execute(down).catch((error) => error);
  return {
    flavour,
    state: breaker.state,
    code,
    isSameNextTime: (await load()).CircuitBreaker === CircuitBreaker,
  };
}

/** So slowly that each one has ended before the next one. */
async function* oneByOne(count) {
  for (let n = 0; n < count; n++) {
    yield n;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** A pipeline over a registry of that flavour, into a sink that is down. */
export async function runPipeline() {
  const { CircuitBreakerRegistry } = await load();
  const down = () => Promise.reject(new Error("down"));
  const overflowed = [];
  const { finished } = deploy(PIPELINE, {
    registry: new CircuitBreakerRegistry(),
    sources: { numbers: oneByOne(20) },
    sinks: { out: down, overflow: (event) => overflowed.push(event) },
  });
  const { read, failed, overflow } = await finished;
  return { read, failed, overflow, overflowed: overflowed.length };
}
