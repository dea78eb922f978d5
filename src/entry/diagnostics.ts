/**
 * `bluesmoke/diagnostics`: events and calls of breakers on channels of Node's `diagnostics_channel`, for tracers and metrics.
 * @module bluesmoke/diagnostics
 */
export { channelName, publishEvents } from "../features/diagnostics.ts";
export type { EventSource } from "../features/event-iterator.ts";
export { CALL_CHANNEL, type CallTrace, traceCalls } from "../features/trace-calls.ts";
