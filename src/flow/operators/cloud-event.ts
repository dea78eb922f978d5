/** A breaker event in the envelope of CloudEvents 1.0 (https://cloudevents.io). */
import { wrongType } from "../../breaker/validate.ts";
import type { BreakerRecord } from "./breaker-record.ts";

/** Structured mode: the media type of one such object as JSON is `application/cloudevents+json`. */
export interface BreakerCloudEvent {
  /** Of CloudEvents. */
  readonly specversion: "1.0";
  /** Endpoint, generation and time, and the kind where no generation begins: the same event has the same id on a replay. */
  readonly id: string;
  /** Whose breaker it is, as the host says. */
  readonly source: string;
  /** The kind of the breaker event, behind a prefix that says whose it is. */
  readonly type: `bluesmoke.circuit_breaker.${BreakerRecord["kind"]}`;
  /** The endpoint. A character that no attribute may have is written as `\u{…}`. */
  readonly subject: string;
  /** `at_ms` in UTC, whole ms. It means something only where the clock of the flow counts from 1970, as it does by default. */
  readonly time: string;
  /** Of `data`. */
  readonly datacontenttype: "application/json";
  /** The breaker event, as at the port `cb`. */
  readonly data: BreakerRecord;
}

/** Fields of the envelope that the event does not have. */
export interface CloudEventOptions {
  /** A URI reference that names the process, such as `/shippers/7`; together with `id` it is to be unique. */
  readonly source: string;
}

/** Characters of a URI reference (RFC 3986). */
const URI_REFERENCE = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})+$/i;
/** Not allowed in an attribute of a CloudEvent. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/**
 * The CloudEvent of a breaker event, from the data of an event at the port `cb`.
 *
 * @throws OptionError when `source` is no URI reference
 */
export function cloudEventOf(record: BreakerRecord, { source }: CloudEventOptions): BreakerCloudEvent {
  if (typeof source !== "string" || !URI_REFERENCE.test(source)) {
    throw wrongType("source", "a URI reference", source);
  }
  const subject = record.endpoint.replace(FORBIDDEN, escaped);
  return {
    specversion: "1.0",
    id: `${subject}/${record.generation}/${record.at_ms}${isOfThrottle(record) ? `/${record.kind}` : ""}`,
    source,
    type: `bluesmoke.circuit_breaker.${record.kind}`,
    subject,
    time: new Date(record.at_ms).toISOString(),
    datacontenttype: "application/json",
    data: record,
  };
}

function isOfThrottle({ kind }: BreakerRecord): boolean {
  return kind === "throttled" || kind === "restored";
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
