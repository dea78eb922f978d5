/** How sources and sinks are spelled: a path, "-", "null:" or a URL. */

/** stdin for a source, stdout for a sink. */
export const STANDARD = "-";

/** The sink that only counts. */
export const NULL = "null:";

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

export function isUrl(spec: string): boolean {
  return SCHEME.test(spec);
}

export function isPath(spec: string): boolean {
  return spec !== STANDARD && spec !== NULL && !isUrl(spec);
}
