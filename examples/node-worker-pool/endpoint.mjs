/** What the pool calls: an HTTP server on loopback that is down for a while after 100 calls. */
import { once } from "node:events";
import { createServer } from "node:http";

const DOWN_AFTER = 100;
const DOWN_MS = 300;

/** The server, its address, and how many calls it has had. */
export async function endpoint() {
  let calls = 0;
  let downUntilMs = 0;
  const server = createServer((request, response) => {
    calls++;
    if (calls === DOWN_AFTER) downUntilMs = performance.now() + DOWN_MS;
    const status = performance.now() < downUntilMs ? 503 : 200;
    request.resume().on("end", () => response.writeHead(status).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}/`, calls: () => calls };
}
