/** A slow and obvious validator for the few words of JSON Schema that our schemas use. Any other word is an error. */

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with `value`, one line for each fault. */
export function faultsOf(schema: unknown, value: unknown, path = "$"): string[] {
  const words = Object.entries(schema as Schema);
  return words.flatMap(([word, wanted]) => {
    const check = WORDS[word];
    if (check === undefined) throw new Error(`no word of ours: ${word}`);
    return check(wanted, value, path, schema as Schema);
  });
}

type Check = (wanted: unknown, value: unknown, path: string, schema: Schema) => string[];

const fault = (isRight: boolean, path: string, said: string): string[] =>
  isRight ? [] : [`${path} ${said}`];
const always: Check = () => [];

const WORDS: Record<string, Check> = {
  $schema: always,
  title: always,
  description: always,
  type: (wanted, value, path) =>
    fault(
      [wanted].flat().some((name) => isOf(String(name), value)),
      path,
      `is no ${[wanted].flat().join(" or ")}`,
    ),
  enum: (wanted, value, path) => fault((wanted as unknown[]).includes(value), path, "is none of the values"),
  minimum: (wanted, value, path) =>
    fault(typeof value !== "number" || value >= Number(wanted), path, "is too low"),
  maximum: (wanted, value, path) =>
    fault(typeof value !== "number" || value <= Number(wanted), path, "is too high"),
  minLength: (wanted, value, path) => fault(String(value).length >= Number(wanted), path, "is too short"),
  maxLength: (wanted, value, path) => fault(String(value).length <= Number(wanted), path, "is too long"),
  required: (wanted, value, path) =>
    (wanted as string[]).flatMap((key) =>
      fault(Object.hasOwn(Object(value), key), `${path}.${key}`, "is missing"),
    ),
  properties: (wanted, value, path) =>
    Object.entries(wanted as Record<string, unknown>).flatMap(([key, inner]) =>
      Object.hasOwn(Object(value), key) ? faultsOf(inner, (value as Schema)[key], `${path}.${key}`) : [],
    ),
  additionalProperties: (_, value, path, { properties }) =>
    Object.keys(Object(value)).flatMap((key) =>
      fault(key in Object(properties), `${path}.${key}`, "is unknown"),
    ),
};

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
