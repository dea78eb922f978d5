/** The dashboard in a runtime, as a handler of its requests: results by name, true or what there was instead. */
import { dashboard } from "bluesmoke/dashboard";

/** Hands requests to the handler itself. */
const byHand = (handle) => ({
  origin: "http://localhost:9300",
  ask: async (url, init) => handle(new Request(url, init)),
  stop() {},
});

/**
 * @param library `bluesmoke` as this runtime imports it
 * @param serve starts a server of this runtime with a handler: its `origin`, `ask` as `fetch`, and `stop`
 */
export async function checkDashboard({ CircuitBreakerRegistry }, serve = byHand) {
  const breakers = new CircuitBreakerRegistry();
  const { origin, ask, stop } = await serve(dashboard(breakers, { controls: true }));
  const page = `${origin}/breakers/`;
  breakers.get("payments").trip();
  const html = await (await ask(page)).text();
  const script = /src="(page\.\w+\.js)"/.exec(html)?.[1];
  const file = await ask(`${page}${script}`);
  const reader = (await ask(`${page}stream`)).body.getReader();
  const first = await read(reader);
  breakers.get("mail").trip();
  const second = await read(reader);
  await reader.cancel();
  const order = async (headers) => {
    const body = JSON.stringify({ endpoint: "mail", action: "disable" });
    const type = { "content-type": "application/json" };
    return (await ask(`${page}switch`, { method: "POST", headers: { ...type, ...headers }, body })).status;
  };
  const foreign = await order({ origin: "http://evil.example" });
  const before = breakers.get("mail").snapshot().mode;
  const own = await order({ origin });
  const after = breakers.get("mail").snapshot().mode;
  await stop();
  return {
    "serves the page and its files": file.headers.get("content-type")?.startsWith("text/javascript") || html,
    "streams all breakers": first.sums?.open === 1 || first,
    "streams what has changed": second.sums?.open === 2 || second,
    "refuses a switch of another origin": (foreign === 403 && before === "enabled") || foreign,
    "obeys a switch of its own": (own === 200 && after === "disabled") || own,
  };
}

/** The next message: chunks are what the runtime makes of it. */
async function read(reader) {
  const decoder = new TextDecoder();
  let text = "";
  while (!text.endsWith("\n\n")) text += decoder.decode((await reader.read()).value, { stream: true });
  return JSON.parse(text.slice(text.indexOf("{")));
}
