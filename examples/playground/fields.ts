/** The options that the page can set, flat: ranges and defaults come from the option tables of the library. */
import {
  BACKOFFS,
  BREAKER,
  DETECTORS,
  HALF_OPEN,
  MODES,
  OVERLOADS,
  RAMP,
  type Rule,
  type Spec,
  type Table,
} from "../../src/breaker/options.ts";

/** Values by the id of their field; only those that are no defaults. */
export type Values = Readonly<Record<string, Value>>;
export type Value = number | string | boolean | readonly number[];

interface Common {
  readonly id: string;
  readonly title: string;
  /** Shown only where this is so. */
  readonly isShown?: (value: (id: string) => Value | undefined) => boolean;
}

/** A number on a slider. Times are in ms. */
export interface NumberField extends Common {
  readonly kind: "number";
  readonly unit: "" | "ms" | "%";
  /** What is allowed. */
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
  /** undefined: it is off until it is switched on, with `suggested`. */
  readonly initial: number | undefined;
  readonly suggested: number;
  /** What the slider reaches. */
  readonly low: number;
  readonly high: number;
}

export interface ChoiceField extends Common {
  readonly kind: "choice";
  readonly initial: string;
  /** Values and their texts. */
  readonly choices: readonly (readonly [value: string, text: string])[];
}

export interface SwitchField extends Common {
  readonly kind: "switch";
  readonly initial: false;
}

/** Numbers, separated by commas or spaces. */
export interface ListField extends Common {
  readonly kind: "list";
  readonly initial: readonly number[];
}

export type Field = NumberField | ChoiceField | SwitchField | ListField;

/** A part of the form. */
export interface Group {
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  readonly fields: readonly Field[];
}

const WINDOW = DETECTORS.success_rate_over_time_window;
const COUNT = DETECTORS.success_rate_over_count_window;

type Slider = readonly [low: number, high: number];

/** A number of a table; `before`: the values that its range depends on. */
function number(
  table: Table,
  name: string,
  title: string,
  [low, high]: Slider,
  unit: NumberField["unit"] = "",
  also: { readonly suggested?: number; readonly isShown?: Common["isShown"]; readonly id?: string } = {},
): NumberField {
  const rule = ruleOf(table[name]!);
  const { id = name, suggested = (rule.initial as number | undefined) ?? low, isShown } = also;
  return {
    kind: "number",
    id,
    title,
    unit,
    from: rule.from!,
    to: rule.to!,
    whole: rule.whole === true,
    initial: rule.initial as number | undefined,
    suggested,
    low,
    high,
    ...(isShown && { isShown }),
  };
}

/** Ranges that depend on other options are those of the largest window. The library checks the rest. */
function ruleOf(spec: Spec): Rule {
  if (typeof spec !== "function") return spec;
  return spec({ windowMs: 86_400_000, buckets: 10, calls: 10_000, slowCallMs: 1, initialMs: 1 });
}

const isKind = (id: string, kind: string) => (value: (id: string) => Value | undefined) => value(id) === kind;
const isOn = (id: string) => (value: (id: string) => Value | undefined) =>
  value(id) !== undefined && value(id) !== false;
const JITTERS = ["none", "equal", "full", "decorrelated"].map((name) => [name, name] as const);

/** In the order of the form. */
export const GROUPS: readonly Group[] = [
  {
    title: "When it opens",
    about: "A breaker opens when too large a share of the calls in its window has failed.",
    fields: [
      {
        kind: "choice",
        id: "window",
        title: "Window",
        initial: "time",
        choices: [
          ["time", "of time"],
          ["count", "of calls"],
        ],
      },
      number(WINDOW, "windowMs", "Length of the window", [500, 120_000], "ms", {
        isShown: isKind("window", "time"),
      }),
      number(WINDOW, "buckets", "Buckets of the window", [1, 64], "", { isShown: isKind("window", "time") }),
      number(COUNT, "calls", "Calls in the window", [5, 2_000], "", { isShown: isKind("window", "count") }),
      number(WINDOW, "minimumCalls", "Fewest calls for a verdict", [1, 1_000]),
      number(WINDOW, "requiredSuccessRate", "Opens below a success rate of", [0, 1], "%"),
      number(WINDOW, "slowCallMs", "A call is slow after", [10, 5_000], "ms", { suggested: 500 }),
      number(WINDOW, "maximumSlowRate", "Opens above a share of slow calls of", [0, 1], "%", {
        isShown: isOn("slowCallMs"),
      }),
      number(WINDOW, "hungAfterMs", "A call that is out counts as failed after", [50, 5_000], "ms", {
        suggested: 500,
        isShown: isKind("window", "time"),
      }),
      number(DETECTORS.consecutive_failures, "failures", "Failures in a row", [1, 100]),
      {
        kind: "switch",
        id: "alsoInARow",
        title: "The window's breaker also opens after failures in a row",
        initial: false,
      },
    ],
  },
  {
    title: "How long it stays open",
    about: "An open breaker refuses all calls until its delay has passed.",
    fields: [
      {
        kind: "choice",
        id: "backoff",
        title: "Delays",
        initial: "exponential",
        choices: [
          ["exponential", "growing"],
          ["constant", "constant"],
          ["steps", "a list"],
        ],
      },
      number(BACKOFFS.exponential, "initialMs", "First delay", [50, 60_000], "ms", {
        isShown: isKind("backoff", "exponential"),
      }),
      number(BACKOFFS.exponential, "factor", "Factor", [1, 10], "", {
        isShown: isKind("backoff", "exponential"),
      }),
      number(BACKOFFS.exponential, "maximumMs", "Longest delay", [50, 300_000], "ms", {
        isShown: isKind("backoff", "exponential"),
      }),
      number(BACKOFFS.constant, "delayMs", "Delay", [50, 300_000], "ms", {
        isShown: isKind("backoff", "constant"),
      }),
      {
        kind: "list",
        id: "delaysMs",
        title: "Delays in ms",
        initial: ruleOf(BACKOFFS.steps.delaysMs!).initial as readonly number[],
        isShown: isKind("backoff", "steps"),
      },
      {
        kind: "choice",
        id: "jitter",
        title: "Jitter",
        initial: "default",
        choices: [["default", "default"], ...JITTERS],
      },
      number(BREAKER, "decayMs", "Healthy time that takes back a step", [0, 300_000], "ms"),
    ],
  },
  {
    title: "How it closes again",
    about: "Half-open, a breaker lets a few calls through as probes; successes close it.",
    fields: [
      number(HALF_OPEN, "probes", "Probes at once", [1, 64]),
      number(HALF_OPEN, "successesToClose", "Successes that close it", [1, 100]),
      number(HALF_OPEN, "toleratedFailures", "Failed probes that do not open it again", [0, 100]),
      number(HALF_OPEN, "probeTimeoutMs", "A probe has failed after", [100, 120_000], "ms"),
      { kind: "switch", id: "ramp", title: "Then let a growing share pass (ramp)", initial: false },
      {
        kind: "list",
        id: "shares",
        title: "Shares of the ramp",
        initial: ruleOf(RAMP.shares!).initial as readonly number[],
        isShown: isOn("ramp"),
      },
      number(RAMP, "stepMs", "Each share holds for", [100, 60_000], "ms", { isShown: isOn("ramp") }),
    ],
  },
  {
    title: "Limits",
    about: "A throttle refuses a part of the calls; a limit of pending calls keeps a queue short.",
    fields: [
      number(OVERLOADS.throttle, "successRate", "The throttle works below a success rate of", [0.01, 1], "%"),
      number(
        OVERLOADS.throttle,
        "maximumRefused",
        "Largest share that the throttle refuses",
        [0.01, 0.999],
        "%",
      ),
      number(BREAKER, "maximumPending", "Most calls that are out at once", [1, 10_000], "", {
        suggested: 50,
      }),
      {
        kind: "choice",
        id: "mode",
        title: "Mode",
        initial: "enabled",
        choices: MODES.map((mode) => [mode, mode.replace("_", " ")] as const),
      },
    ],
  },
];

export const FIELDS: readonly Field[] = GROUPS.flatMap(({ fields }) => fields);
const BY_ID: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.id, field]));

/** @returns undefined: there is no such field */
export function fieldOf(id: string): Field | undefined {
  return BY_ID.get(id);
}

/** The value of a field; undefined: it is off. */
export function valueIn(values: Values, id: string): Value | undefined {
  return values[id] ?? BY_ID.get(id)?.initial;
}
