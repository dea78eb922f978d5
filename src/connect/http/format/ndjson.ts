/** Newline-delimited JSON: a line for each event. */
import type { BodyFormat } from "./body-format.ts";
import { LineBody, lineOfEvent } from "./line-body.ts";

export const NDJSON: BodyFormat = {
  contentType: "application/x-ndjson",
  answerBytes: 0,
  begin: (limit) => new LineBody(limit, (event) => [lineOfEvent(event)]),
};
