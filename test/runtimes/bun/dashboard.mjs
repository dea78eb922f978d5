/** Serves the dashboard by Bun.serve. */
import * as library from "bluesmoke";
import { checkDashboard } from "../dashboard.mjs";

async function serve(handle) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) => handle(request),
  });
  return { origin: `http://127.0.0.1:${server.port}`, ask: fetch, stop: () => server.stop(true) };
}

console.log(JSON.stringify(await checkDashboard(library, serve)));
