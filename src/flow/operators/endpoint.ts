/** From an event to the name of its endpoint. */
import { MAXIMUM_NAME_LENGTH } from "../../breaker/options.ts";
import type { FlowEvent } from "../protocol/event.ts";

/** The endpoint of an event; anything but the name of an endpoint means that the event is malformed. */
export type EndpointOf = (event: FlowEvent) => unknown;

/** Whether a value can be the name of an endpoint. */
export function isEndpoint(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAXIMUM_NAME_LENGTH;
}
