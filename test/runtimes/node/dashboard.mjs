/** Serves the dashboard by node:http. */
import { once } from "node:events";
import { createServer } from "node:http";
import * as library from "bluesmoke";
import { nodeListener } from "bluesmoke/dashboard";
import { checkDashboard } from "../dashboard.mjs";

async function serve(handle) {
  const server = createServer(nodeListener(handle));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, ask: fetch, stop };
}

console.log(JSON.stringify(await checkDashboard(library, serve)));
