// A program with five breakers for the test of the scrape. Its endpoint is the URL given as argument; it prints its own port.
import { createServer } from "node:http";
import { CircuitBreakerRegistry } from "bluesmoke";
import { metricsText, OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE } from "bluesmoke/metrics";

const PAYMENTS = process.argv[2];
const CALL_MS = 10;
/** Calls of an endpoint that is well for so many calls, then down for as many. */
const FLAP_CALLS = 15;

const breakers = new CircuitBreakerRegistry({
  defaults: {
    detector: { kind: "success_rate_over_time_window", minimumCalls: 5, windowMs: 500, hungAfterMs: 300 },
    backoff: { kind: "constant", delayMs: 300 },
  },
});
metricsText(breakers, { durations: true });

const pay = async ({ signal }) => {
  const response = await fetch(PAYMENTS, { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const slow = breakers.get("slow", { detector: { slowCallMs: 1, maximumSlowRate: 1 } });
const flapping = breakers.get("flapping", {
  detector: { kind: "consecutive_failures", failures: 1 },
  backoff: { kind: "constant", delayMs: 20 },
});
const off = breakers.get("switched off");
off.forceOpen();

let call = 0;
setInterval(() => {
  call++;
  const isWell = Math.floor(call / FLAP_CALLS) % 2 === 0;
  for (const promise of [
    breakers.get("payments").execute(pay, { timeoutMs: 1_000 }),
    breakers.get('odd "name"\\\n🚀').execute(() => wait(3)),
    slow.execute(() => wait(5)),
    flapping.execute(() => (isWell ? Promise.resolve() : Promise.reject(new Error("down")))),
    off.execute(() => wait(1)),
  ]) {
    promise.catch(() => {});
  }
}, CALL_MS);

createServer(({ url, headers }, response) => {
  const isOpenMetrics = url === "/openmetrics" || headers.accept?.includes("application/openmetrics-text");
  const format = isOpenMetrics ? "openmetrics" : "prometheus";
  const type = isOpenMetrics ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE;
  response.writeHead(200, { "content-type": type }).end(metricsText(breakers, { format }));
}).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});
