/**
 * `bluesmoke/dashboard`: a live page of a registry, as a handler of requests for any server.
 * @module bluesmoke/dashboard
 */
export { type Dashboard, dashboard } from "../dashboard/dashboard.ts";
export {
  type Handler,
  type NodeRequest,
  type NodeResponse,
  nodeListener,
} from "../dashboard/node-listener.ts";
export type { Authorize, DashboardLatency, DashboardOptions } from "../dashboard/options.ts";
