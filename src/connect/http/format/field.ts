/** Fields of events that options name. */

/** Such as `id`, or `user.id` for a field of a field. A name that has dots in it and is a field itself wins. */
export function fieldOf(data: unknown, path: string): unknown {
  if (typeof data !== "object" || data === null) return undefined;
  if (Object.hasOwn(data, path)) return (data as Readonly<Record<string, unknown>>)[path];
  const dot = path.indexOf(".");
  if (dot < 0 || !Object.hasOwn(data, path.slice(0, dot))) return undefined;
  return fieldOf((data as Readonly<Record<string, unknown>>)[path.slice(0, dot)], path.slice(dot + 1));
}

/** JavaScript holds the number with all its digits. */
export function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}
