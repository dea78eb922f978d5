/** Sliders, lists, choices and switches: what they are made of, and what they say to screen readers. */
import { element } from "../../src/dashboard/page/dom.ts";
import type { ChoiceField, ListField, NumberField, SwitchField, Value } from "./fields.ts";
import { readField, wantedBy } from "./link.ts";
import { msOf, percentOf, shortOf } from "./words.ts";

/** A control on the page. */
export interface Control {
  readonly element: HTMLElement;
  /** Shows a value; undefined: off. Does not call `onChange`. */
  set(value: Value | undefined): void;
}

/** Called with a valid value; undefined: off. */
export type OnChange = (value: Value | undefined) => void;

const STEPS = 200;
let ids = 0;

/** A slider beside a box of numbers: the slider reaches the usual values, the box all that are allowed. */
export function sliderOf(field: NumberField, onChange: OnChange): Control {
  const { title, unit, initial, suggested, low, high, whole } = field;
  const id = `n${ids++}`;
  const factor = unit === "%" ? 100 : 1;
  const box = input("number", "box");
  box.id = id;
  box.min = String(field.from * factor);
  box.max = String(field.to * factor);
  box.step = whole ? "1" : "any";
  const range = input("range", "range");
  range.min = "0";
  range.max = String(STEPS);
  range.ariaLabel = `${title}, slider`;
  const label = element("label", "", title);
  label.htmlFor = id;
  const problem = element("p", "problem");
  problem.id = `${id}p`;
  problem.hidden = true;
  box.setAttribute("aria-describedby", problem.id);
  const text = (value: number) =>
    unit === "ms" ? msOf(value) : unit === "%" ? percentOf(value) : shortOf(value);
  const show = (value: number, isTyped = false) => {
    if (!isTyped) box.value = String(Number((value * factor).toPrecision(6)));
    range.value = String(placeOf(value, low, high, unit));
    range.setAttribute("aria-valuetext", text(value));
    fail("");
  };
  const fail = (message: string) => {
    problem.textContent = message;
    problem.hidden = message === "";
    box.setAttribute("aria-invalid", String(message !== ""));
  };
  range.addEventListener("input", () => {
    const value = valueAt(Number(range.value), low, high, unit, whole);
    show(value);
    onChange(value);
  });
  box.addEventListener("input", () => {
    const value = readField(field, box.value === "" ? "" : String(Number(box.value) / factor));
    if (typeof value === "number") {
      show(value, true);
      onChange(value);
    } else fail(`${title}: ${wantedText(field, factor)}, got ${box.value === "" ? "nothing" : box.value}`);
  });
  const unitText = element("span", "unit", unit);
  const row = element("div", "pair", range, box, unitText);
  const made = element("div", "control", label, row, problem);
  if (initial !== undefined) return { element: made, set: (value) => show((value ?? initial) as number) };
  // Off until it is switched on.
  const toggle = input("checkbox", "");
  toggle.id = `${id}s`;
  label.htmlFor = toggle.id;
  label.prepend(toggle);
  box.ariaLabel = title;
  toggle.addEventListener("change", () => {
    row.hidden = !toggle.checked;
    if (toggle.checked) show(suggested);
    else fail("");
    onChange(toggle.checked ? suggested : undefined);
  });
  return {
    element: made,
    set(value) {
      toggle.checked = value !== undefined;
      row.hidden = value === undefined;
      if (typeof value === "number") show(value);
    },
  };
}

export function choiceOf({ title, initial, choices }: ChoiceField, onChange: OnChange): Control {
  const select = element("select", "");
  select.id = `n${ids++}`;
  for (const [value, text] of choices) {
    const option = element("option", "", text);
    option.value = value;
    select.append(option);
  }
  const label = element("label", "", title);
  label.htmlFor = select.id;
  select.addEventListener("change", () => onChange(select.value));
  return {
    element: element("div", "control inline", label, select),
    set(value) {
      select.value = String(value ?? initial);
    },
  };
}

export function switchOf({ title }: Pick<SwitchField, "title">, onChange: OnChange): Control {
  const box = input("checkbox", "");
  box.id = `n${ids++}`;
  const label = element("label", "", box, title);
  box.addEventListener("change", () => onChange(box.checked));
  return {
    element: element("div", "control", label),
    set(value) {
      box.checked = value === true;
    },
  };
}

export function listOf(field: ListField, onChange: OnChange): Control {
  const box = input("text", "wide");
  box.id = `n${ids++}`;
  box.autocomplete = "off";
  box.spellcheck = false;
  const label = element("label", "", field.title);
  label.htmlFor = box.id;
  const problem = element("p", "problem");
  problem.id = `${box.id}p`;
  problem.hidden = true;
  box.setAttribute("aria-describedby", problem.id);
  box.addEventListener("input", () => {
    const value = readField(field, box.value);
    problem.hidden = value !== undefined;
    problem.textContent = value === undefined ? `${field.title}: 1 to 64 numbers, got "${box.value}"` : "";
    box.setAttribute("aria-invalid", String(value === undefined));
    if (value !== undefined) onChange(value);
  });
  return {
    element: element("div", "control", label, box, problem),
    set(value) {
      const numbers = (value ?? field.initial) as readonly number[];
      box.value = numbers.join(", ");
      problem.hidden = true;
    },
  };
}

/** "1 to 64", in the unit of the box */
function wantedText(field: NumberField, factor: number): string {
  return factor === 1 ? wantedBy(field) : `${shortOf(field.from * factor)} to ${shortOf(field.to * factor)}`;
}

function input(type: string, className: string): HTMLInputElement {
  const made = element("input", className);
  made.type = type;
  return made;
}

/** The value of a place of a slider: even steps for shares, and for others a scale of powers with two digits. */
export function valueAt(place: number, low: number, high: number, unit: string, isWhole: boolean): number {
  const share = place / STEPS;
  if (unit === "%") return Number((low + (high - low) * share).toFixed(3));
  if (share === 1) return high;
  const base = Math.max(low, 1);
  if (low === 0 && place === 0) return 0;
  const value = Number((base * (high / base) ** share).toPrecision(2));
  return isWhole ? Math.max(Math.round(value), low) : value;
}

function placeOf(value: number, low: number, high: number, unit: string): number {
  if (unit === "%") return Math.round(((value - low) / (high - low)) * STEPS);
  const base = Math.max(low, 1);
  const share = Math.log(Math.max(value, base) / base) / Math.log(high / base);
  return Math.round(Math.min(Math.max(share, 0), 1) * STEPS);
}
