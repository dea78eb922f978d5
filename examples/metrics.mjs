// The breakers of a program for Prometheus: `node examples/metrics.mjs`, then http://127.0.0.1:9464/metrics. PORT=0: any port.
import { createServer } from "node:http";
import { CircuitBreakerRegistry } from "bluesmoke";
import { metricsText, PROMETHEUS_CONTENT_TYPE } from "bluesmoke/metrics";

const breakers = new CircuitBreakerRegistry();
const server = createServer(({ url }, response) => {
  if (url !== "/metrics") response.writeHead(404).end();
  else response.writeHead(200, { "content-type": PROMETHEUS_CONTENT_TYPE }).end(metricsText(breakers));
});
metricsText(breakers); // counts transitions from here on
server.listen(Number(process.env.PORT ?? 9464), "127.0.0.1", () => console.log(server.address().port));

breakers.get("payments").executeSync(() => "paid"); // the calls of the program
