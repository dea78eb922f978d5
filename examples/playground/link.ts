/** The state of the page as the fragment of an address, and back. Only what is no default is in it. */
import { FIELDS, type Field, fieldOf, type Value, type Values } from "./fields.ts";
import { presetOf } from "./presets.ts";

export const SPEEDS = [1, 10, 100, 1_000] as const;
export type Speed = (typeof SPEEDS)[number];

/** The endpoint, as the sliders have it. */
export interface World {
  /** Calls offered a second. */
  readonly load: number;
  /** ms that an answer takes. */
  readonly latencyMs: number;
  /** ms after which a call is given up. */
  readonly timeoutMs: number;
  /** 0..1: share of the calls that fail whatever the load. */
  readonly failing: number;
  /** Calls a second that the endpoint bears; undefined: any number. */
  readonly capacity: number | undefined;
  /** 0..1: work of a call that fails for want of capacity; that of a good one is 1. */
  readonly failureCost: number;
  /** Calls beyond the capacity wait instead of failing. */
  readonly queues: boolean;
  /** No call is answered. */
  readonly hangs: boolean;
}

export interface State {
  /** Id of a preset, or "hand": the sliders say what the endpoint does. */
  readonly preset: string;
  readonly world: World;
  readonly speed: Speed;
  readonly repeats: boolean;
  /** Of the breakers. */
  readonly values: Values;
}

/** Range and default of each slider of the endpoint. */
export const WORLD_RANGES = {
  load: { from: 1, to: 1_000, initial: 100 },
  latencyMs: { from: 1, to: 10_000, initial: 100 },
  timeoutMs: { from: 10, to: 10_000, initial: 1_000 },
  failing: { from: 0, to: 1, initial: 0 },
  capacity: { from: 1, to: 1_000, initial: undefined },
  failureCost: { from: 0, to: 1, initial: 0 },
} as const;

export const HEALTHY: World = {
  load: 100,
  latencyMs: 100,
  timeoutMs: 1_000,
  failing: 0,
  capacity: undefined,
  failureCost: 0,
  queues: false,
  hangs: false,
};

export const INITIAL: State = { preset: "outage", world: HEALTHY, speed: 10, repeats: false, values: {} };

/** Without "#". */
export function hashOf({ preset, world, speed, repeats, values }: State): string {
  const pairs: [string, string][] = [];
  const add = (name: string, value: unknown, initial: unknown) => {
    if (value !== undefined && value !== initial) pairs.push([name, String(value)]);
  };
  add("preset", preset, INITIAL.preset);
  for (const name of Object.keys(HEALTHY) as (keyof World)[]) add(name, world[name], HEALTHY[name]);
  add("speed", speed, INITIAL.speed);
  add("repeat", repeats, false);
  for (const { id } of FIELDS) if (values[id] !== undefined) add(id, values[id], undefined);
  return pairs
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`)
    .join("&");
}

/** What a fragment says. What it says wrongly is left out and named in `problems`. */
export function stateOf(hash: string): { readonly state: State; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const world: Record<string, unknown> = { ...HEALTHY };
  const values: Record<string, Value> = {};
  let { preset, speed, repeats }: { preset: string; speed: Speed; repeats: boolean } = INITIAL;
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const field = fieldOf(name);
    const range = Object.hasOwn(WORLD_RANGES, name)
      ? WORLD_RANGES[name as keyof typeof WORLD_RANGES]
      : undefined;
    const number = Number(text);
    if (name === "preset" && (text === "hand" || presetOf(text))) preset = text;
    else if (name === "speed" && SPEEDS.includes(number as Speed)) speed = number as Speed;
    else if (name === "repeat" && text === "true") repeats = true;
    else if ((name === "queues" || name === "hangs") && text === "true") world[name] = true;
    else if (range && text !== "" && number >= range.from && number <= range.to) world[name] = number;
    else if (range) problems.push(`${name} must be ${range.from} to ${range.to}, got "${text}"`);
    else if (field) {
      const value = readField(field, text);
      if (value === undefined) problems.push(`${name} must be ${wantedBy(field)}, got "${text}"`);
      else if (value !== field.initial) values[name] = value;
    } else problems.push(`"${name}=${text}" is unknown`);
  }
  return { state: { preset, world: world as unknown as World, speed, repeats, values }, problems };
}

/** undefined: the text is no value of the field. */
export function readField(field: Field, text: string): Value | undefined {
  if (field.kind === "switch") return text === "true" ? true : text === "false" ? false : undefined;
  if (field.kind === "choice") return field.choices.some(([value]) => value === text) ? text : undefined;
  if (field.kind === "list") {
    const parts = text.split(/[\s,]+/).filter((part) => part !== "");
    const numbers = parts.map(Number);
    return parts.length > 0 && parts.length <= 64 && numbers.every((one) => one >= 0 && one < Infinity)
      ? numbers
      : undefined;
  }
  const number = Number(text);
  const isIn = text.trim() !== "" && number >= field.from && number <= field.to;
  return isIn && (!field.whole || Number.isInteger(number)) ? number : undefined;
}

/** What a field takes, in words. */
export function wantedBy(field: Field): string {
  if (field.kind === "switch") return "true or false";
  if (field.kind === "choice") return `one of ${field.choices.map(([value]) => value).join(", ")}`;
  if (field.kind === "list") return "1 to 64 numbers";
  return `${field.whole ? "a whole number from " : ""}${field.from} to ${field.to}`;
}
