/** Serves the dashboard by Deno.serve. */
import * as library from "bluesmoke";
import { checkDashboard } from "../dashboard.mjs";

async function serve(handle) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handle);
  return { origin: `http://127.0.0.1:${server.addr.port}`, ask: fetch, stop: () => server.shutdown() };
}

console.log(JSON.stringify(await checkDashboard(library, serve)));
