/**
 * `bluesmoke/diagnostics`: events of breakers on channels of Node's `diagnostics_channel`, for tracers and metrics.
 * @module bluesmoke/diagnostics
 */
export { channelName, publishEvents } from "../features/diagnostics.ts";
export type { EventSource } from "../features/event-iterator.ts";
