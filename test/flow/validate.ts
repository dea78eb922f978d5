/** Validates by a library, so that nobody has to believe our own reading of JSON Schema. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const AJV = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: true });
const COMPILED = new WeakMap<object, ValidateFunction>();

/** What is wrong with `value`, one line for each fault; throws when the schema itself is not valid. */
export function faultsOf(schema: object, value: unknown): string[] {
  const validate = COMPILED.get(schema) ?? AJV.compile(schema);
  COMPILED.set(schema, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `$${instancePath} ${message}`);
}
