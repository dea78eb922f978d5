/** Elasticsearch and OpenSearch: the `_bulk` API, which answers for each event. */
import { nameOption, objectOption } from "../../../breaker/validate.ts";
import type { JsonEvent } from "../../../ndjson/event-line.ts";
import { textOption } from "../../base/text-option.ts";
import type { BodyFormat, ItemFailure } from "./body-format.ts";
import { fieldOf, isExact } from "./field.ts";
import { LineBody, lineOfEvent, lineOfText, type SizedLine } from "./line-body.ts";

/** All are optional. */
export interface ElasticOptions {
  /** The index of each event. Default: the one in the URL, such as `http://host:9200/logs/_bulk`. */
  readonly index?: string;
  /** The field whose value, a string or a number, is the id. Default: the endpoint makes ids. */
  readonly id?: string;
  /** `index` replaces an event with the same id; `create` does not, and the event counts as delivered. Default `create`. */
  readonly action?: "create" | "index";
}

const KEYS = ["index", "id", "action"];
/** With the reason of every event in it. */
const ANSWER_BYTES = 33_554_432;
const CONFLICT = 409;
const TOO_MANY_REQUESTS = 429;
/** Of a reason that is quoted. */
const REASON_LENGTH = 300;

/** @throws OptionError */
export function elasticFormat(options: unknown): BodyFormat {
  const given = objectOption("elastic", options, KEYS);
  const index = textOption("elastic.index", given.index);
  const idField = textOption("elastic.id", given.id);
  const action = nameOption("elastic.action", given.action, ["create", "index"], "create");
  const actionLine = (id?: string): SizedLine =>
    lineOfText(JSON.stringify({ [action]: { _index: index, _id: id } }));
  const withoutId = actionLine();
  const linesOf = (event: JsonEvent): readonly SizedLine[] => [
    idField === undefined ? withoutId : actionLine(idOf(event.data, idField)),
    lineOfEvent(event),
  ];
  return {
    contentType: "application/x-ndjson",
    answerBytes: ANSWER_BYTES,
    begin: (limit) => new LineBody(limit, linesOf),
    failuresIn,
    reasonIn,
  };
}

function idOf(data: unknown, field: string): string {
  const id = fieldOf(data, field);
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number" && isExact(id)) return String(id);
  throw new TypeError(`the field ${field} must be a string, or a number below 2^53, to be the id`);
}

interface Item {
  readonly status?: unknown;
  readonly error?: { readonly type?: unknown; readonly reason?: unknown };
}

function failuresIn(answer: string, count: number): ReadonlyMap<number, ItemFailure> {
  const { errors, items } = parse(answer);
  if (errors === false) return new Map();
  if (!Array.isArray(items) || items.length !== count) {
    throw new Error(`the answer is none of _bulk for ${count} events`);
  }
  const failures = new Map<number, ItemFailure>();
  for (const [number, item] of items.entries()) {
    const failure = failureOf(item);
    if (failure !== undefined) failures.set(number, failure);
  }
  return failures;
}

/** @param item such as `{ "create": { "status": 201 } }`. */
function failureOf(item: unknown): ItemFailure | undefined {
  const [action, outcome] = Object.entries(item ?? {})[0] ?? [];
  const { status, error } = (outcome ?? {}) as Item;
  if (typeof status !== "number") throw new Error("the answer of _bulk has an event without a status");
  if (status >= 200 && status < 300) return undefined;
  if (status === CONFLICT && action === "create") return undefined; // an earlier try delivered it
  const isOfEvent = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
  return { kind: isOfEvent ? "reject" : "fail", status, error: `HTTP ${status}${suffixOf(error)}` };
}

function reasonIn(answer: string): string | undefined {
  const { error } = parse(answer);
  return typeof error === "string" ? error.slice(0, REASON_LENGTH) : suffixOf(error).slice(2) || undefined;
}

/** `: type: reason`, as far as they are there. */
function suffixOf(error: unknown): string {
  const { type, reason } = (error ?? {}) as NonNullable<Item["error"]>;
  const words = [type, reason].filter((word) => typeof word === "string");
  return words.length === 0 ? "" : `: ${words.join(": ").slice(0, REASON_LENGTH)}`;
}

function parse(answer: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
