/** What was probably meant by an option that there is not. A hint for people: a program need not ship it. */
import {
  BACKOFFS,
  BREAKER,
  CALL,
  DETECTORS,
  HALF_OPEN,
  OVERLOADS,
  RAMP,
  type Table,
} from "../breaker/options.ts";
import { isOptionError, type OptionError } from "../breaker/validate.ts";

const UNKNOWN = /^unknown option "(.*)"; expected one of (.*)$/s;

/**
 * What was probably meant: `did you mean "windowMs"?` or `slowCallMs is an option of detector`, for an error about an unknown option;
 * undefined where no name is near, and for any other error.
 */
export function hintOf(error: unknown): string | undefined {
  const [, path, list] = (isOptionError(error) && UNKNOWN.exec(error.message)) || [];
  if (path === undefined || list === undefined) return undefined;
  const dot = path.lastIndexOf(".");
  const key = path.slice(dot + 1);
  const near = list.split(", ").find((name) => isNear(key, name));
  if (near !== undefined) return `did you mean "${near}"?`;
  const place = placeOf(camelCase(key));
  // A detector of another kind is no other place.
  return place !== undefined && !path.slice(0, Math.max(0, dot)).startsWith(place)
    ? `${key} is an option of ${place}`
    : undefined;
}

/** The same error with its hint, if there is one, at the end of its message. */
export function withHint(error: OptionError): OptionError {
  const hint = hintOf(error);
  if (hint === undefined) return error;
  const { code, option } = error;
  return Object.assign(new TypeError(`${error.message}; ${hint}`, { cause: error }), { code, option });
}

/** The options to which a name belongs, where it is that of an option. */
function placeOf(key: string): string | undefined {
  const all = (kinds: Readonly<Record<string, Table>>): object => Object.assign({}, ...Object.values(kinds));
  const places: Readonly<Record<string, object>> = {
    breakers: BREAKER,
    detector: all(DETECTORS),
    backoff: all(BACKOFFS),
    overload: all(OVERLOADS),
    halfOpen: HALF_OPEN,
    "halfOpen.ramp": RAMP,
    calls: { ...CALL, signal: 0 },
    "a registry": { defaults: 0, seed: 0, clock: 0, onError: 0 },
  };
  return Object.keys(places).find((place) => Object.hasOwn(places[place]!, key));
}

/** Pipelines write options in snake_case. */
function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether two names differ in at most two neighbouring letters: the others are where they are, seen from one end. */
function isNear(one: string, other: string): boolean {
  const same = [...one].filter((letter, at) => letter === other[at] || letter === other.at(at - one.length));
  return same.length > Math.max(2, one.length - 3, other.length - 3);
}
