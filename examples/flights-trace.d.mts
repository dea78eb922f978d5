/** See flights-trace.mjs. */
export function flightsTrace(byAirport?: boolean): string;
