/** The page: its state, the clock that plays the policies, and what every control does. */
import "../../src/dashboard/page/language.ts";
import { byId, element, setText } from "../../src/dashboard/page/dom.ts";
import { checkOptions, type Finding } from "../../src/replay/advice/check-options.ts";
import type { CallTrace } from "../../src/replay/calls/call-trace.ts";
import { RECORDED_LIMIT } from "../../src/replay/report/limits.ts";
import type { Phase } from "../../src/replay/scenario/scenarios.ts";
import { Cards, type CardView } from "./cards.ts";
import { chartDataOf } from "./chart-data.ts";
import { type Control, choiceOf, listOf, type OnChange, sliderOf, switchOf } from "./controls.ts";
import { type Field, GROUPS, type NumberField, type Value, valueIn } from "./fields.ts";
import { CLOSED, Lab, type Lane, lengthOf, OPEN } from "./lab.ts";
import {
  HEALTHY,
  hashOf,
  SPEEDS,
  type Speed,
  type State,
  stateOf,
  WORLD_RANGES,
  type World,
} from "./link.ts";
import { codeOf, optionsOf, POLICIES, type PolicyId } from "./policies.ts";
import { PRESETS, presetOf } from "./presets.ts";
import { aboutTrace, type Loaded, loadTrace, replayTrace } from "./trace.ts";
import { balanceOf, counted, doingOf, timeOf } from "./words.ts";

/** ms of a frame that may go to the simulation. */
const BUDGET_MS = 11;
/** ms: a page that was hidden does not catch up. */
const LONGEST_FRAME_MS = 100;
/** ms: options that change are used after this time without another change. */
const PATIENCE_MS = 120;
/** ms: of a phase by hand; sliders change the next one. */
const STEP_MS = 1_000;
/** Seconds that a chart shows of a play without end, by speed. */
const SHOWN: Readonly<Record<Speed, number>> = { 1: 60, 10: 180, 100: 1_800, 1000: 18_000 };

/** Sliders that change a preset, and do not end it. */
const SETTINGS: readonly (keyof World)[] = ["load", "latencyMs", "timeoutMs", "failureCost"];

class Playground {
  #state: State;
  #lab: Lab;
  #trace: CallTrace | undefined;
  #traceFile: File | undefined;
  #isPlaying = true;
  /** Simulated ms that are due. */
  #dueMs = 0;
  #frameMs: number | undefined;
  /** Of a play by hand, by index. */
  #phases: Phase[] = [];
  /** Calls a second that shares are of. */
  #usual = HEALTHY.load;
  #timer = 0;
  #saidMs = 0;
  readonly #cards = new Cards();
  readonly #world = new Map<keyof World, Control>();
  readonly #options = new Map<string, { readonly field: Field; readonly control: Control }>();

  constructor() {
    const { state, problems } = stateOf(location.hash);
    this.#state = state;
    this.#usual = state.world.load;
    this.#makeControls();
    this.#lab = this.#newLab() ?? this.#withDefaults();
    if (problems.length > 0) this.#problem(`The link has parts that are left out: ${problems.join("; ")}.`);
    this.#isPlaying = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#showState();
    requestAnimationFrame((nowMs) => this.#frame(nowMs));
  }

  // The clock

  #frame(nowMs: number): void {
    const elapsedMs = Math.min(nowMs - (this.#frameMs ?? nowMs), LONGEST_FRAME_MS);
    this.#frameMs = nowMs;
    if (this.#isPlaying && !this.#trace && elapsedMs > 0) this.#playFor(elapsedMs);
    requestAnimationFrame((next) => this.#frame(next));
  }

  #playFor(elapsedMs: number): void {
    const { speed } = this.#state;
    const before = this.#lab.nowMs;
    const openings = this.#lab.lanes.map((lane) => lane.openings);
    this.#dueMs += elapsedMs * speed;
    const endMs = this.#endMs();
    const toMs = Math.min(this.#dueMs, endMs);
    const deadlineMs = performance.now() + BUDGET_MS;
    const isThere = this.#lab.advance(toMs, () => performance.now() > deadlineMs);
    if (this.#lab.nowMs >= endMs) this.#lab.drain();
    if (!isThere) this.#dueMs = this.#lab.nowMs; // as fast as it can
    setText(
      byId("pace"),
      isThere ? `of ${Number.isFinite(endMs) ? timeOf(endMs) : "no end"}` : "as fast as this machine can",
    );
    if (this.#lab.nowMs >= endMs) this.#finish();
    if (this.#lab.nowMs === before) return;
    this.#sayOpenings(openings);
    this.#showWorld();
    this.#render();
  }

  /** ms: where a play ends. */
  #endMs(): number {
    const { preset, repeats } = this.#state;
    const chosen = presetOf(preset);
    return chosen && !repeats ? lengthOf(chosen.scenario.phases) : Infinity;
  }

  #finish(): void {
    this.#setPlaying(false);
    const best = [...this.#lab.lanes].sort((one, other) => other.world.good - one.world.good)[0]!;
    const title = POLICIES.find(({ id }) => id === best.id)!.title;
    this.#say(
      `The play has ended. Most calls succeeded with the policy "${title}": ${counted(best.world.good, "call")}.`,
    );
  }

  #setPlaying(isPlaying: boolean): void {
    this.#isPlaying = isPlaying;
    const isOver = this.#lab.nowMs >= this.#endMs();
    setText(byId("play"), isPlaying ? "Pause" : isOver ? "Play again" : "Play");
  }

  #restart(): void {
    const lab = this.#newLab();
    if (!lab) return;
    this.#lab = lab;
    this.#dueMs = 0;
    this.#showWorld();
    this.#render();
  }

  /** undefined: the options are bad, and the page says so. */
  #newLab(): Lab | undefined {
    const { preset, world, values, repeats } = this.#state;
    const chosen = presetOf(preset);
    const { load: callsPerSecond, latencyMs: answerMs, timeoutMs, failureCost } = world;
    this.#usual = callsPerSecond;
    this.#phases = [];
    const scenario = chosen
      ? {
          ...chosen.scenario,
          phaseOf: (index: number) =>
            chosen.scenario.phases[repeats ? index % chosen.scenario.phases.length : index],
        }
      : {
          name: "by hand",
          troubleFromMs: 0,
          troubleToMs: 0,
          phaseOf: (index: number) => this.#phaseByHand(index),
        };
    // `phases` would be taken instead of `phaseOf`.
    const { phases: _, ...open } = scenario as typeof scenario & { phases?: unknown };
    const setting = { callsPerSecond, clients: 1, answerMs, failureCost, timeoutMs };
    try {
      const policies = POLICIES.map(({ id }) => ({ id, options: optionsOf(id, values) }));
      const lab = new Lab({ setting, scenario: open, policies });
      this.#problem("");
      return lab;
    } catch (error) {
      this.#problem((error as Error).message);
      return undefined;
    }
  }

  /** For a link whose options contradict each other. */
  #withDefaults(): Lab {
    const problem = byId("options-problem").textContent;
    this.#state = { ...this.#state, values: {} };
    const lab = this.#newLab();
    if (!lab) throw new Error("the defaults are not valid");
    this.#problem(`${problem}: the options are the defaults.`);
    return lab;
  }

  /** What the sliders say when a second begins, for all policies. */
  #phaseByHand(index: number): Phase {
    while (this.#phases.length <= index) {
      const { load, latencyMs, failing, capacity, queues, hangs } = this.#state.world;
      this.#phases.push({
        lengthMs: STEP_MS,
        load: load / this.#usual,
        failing,
        hangs,
        answerMs: latencyMs,
        ...(capacity !== undefined && { capacity: capacity / this.#usual }),
        ...(queues && { excess: "queue" as const }),
      });
    }
    return this.#phases[index]!;
  }

  // What is shown

  #render(): void {
    const { lanes, nowMs } = this.#lab;
    const chosen = presetOf(this.#state.preset);
    const endMs = this.#endMs();
    const isOpen = !Number.isFinite(endMs);
    const seconds = nowMs / 1_000;
    const shown = SHOWN[this.#state.speed];
    const range: [number, number] = isOpen
      ? [Math.max(0, seconds - shown), Math.max(seconds, shown)]
      : [0, endMs / 1_000];
    const marks =
      chosen && !isOpen ? [chosen.scenario.troubleFromMs / 1_000, chosen.scenario.troubleToMs / 1_000] : [];
    const loads = chosen
      ? chosen.scenario.phases.map(({ load = 1 }) => load * this.#usual)
      : [this.#state.world.load];
    const most = Math.max(...loads, isOpen && !chosen ? highestOf(lanes[0]!, range[0]) : 0);
    const none = lanes.find(({ id }) => id === "none")!;
    const views = new Map<PolicyId, CardView>();
    for (const lane of lanes) {
      const { world, columns, forgotten } = lane;
      const reaction = chosen && !isOpen ? world.reaction() : { noticeMs: null, recoverMs: null };
      const offered = world.good + world.failed + world.refused;
      views.set(lane.id, {
        state: columns.state.at(-1) ?? CLOSED,
        doing: nowMs >= endMs ? endingOf(lane) : doingOf(lane, nowMs),
        balance: balanceOf(lane, none),
        data: chartDataOf(columns, forgotten, range, { marks, highest: most * 1.12 }),
        good: world.good,
        failed: world.failed,
        refused: world.refused,
        openings: lane.breaker && lane.openings,
        noticedMs: reaction.noticeMs ?? undefined,
        backMs: nowMs >= endMs ? (reaction.recoverMs ?? undefined) : undefined,
        waitMs: offered > 0 ? world.waitedMs / offered : undefined,
      });
    }
    this.#cards.render(views);
    setText(byId("time"), timeOf(nowMs));
    const share =
      isOpen && chosen
        ? (nowMs % lengthOf(chosen.scenario.phases)) / lengthOf(chosen.scenario.phases)
        : nowMs / endMs;
    byId("position").style.left = `${Math.min(share, 1) * 100}%`;
  }

  /** Everything that does not follow the clock. */
  #showState(): void {
    const { preset, speed, repeats, values } = this.#state;
    const chosen = presetOf(preset);
    for (const button of byId("presets").querySelectorAll("button"))
      button.ariaPressed = String(!this.#trace && button.dataset.preset === preset);
    setText(
      byId("preset-about"),
      chosen?.about ?? "By hand: the sliders say what the endpoint does from the next second on.",
    );
    setText(
      byId("lesson"),
      chosen?.lesson ??
        "Move load, failures, latency and capacity while it plays, and look at who notices, and what it costs.",
    );
    // Simulated time and endpoint are not those of a trace.
    for (const id of ["transport", "world-section"]) byId(id).hidden = this.#trace !== undefined;
    if (this.#trace)
      setText(byId("preset-about"), "Your own traffic. Choose a trouble to go back to the simulation.");
    for (const input of byId("speeds").querySelectorAll("input"))
      input.checked = Number(input.value) === speed;
    byId<HTMLInputElement>("repeat").checked = repeats;
    byId("repeat").closest("label")!.hidden = !chosen;
    byId("strip").hidden = !chosen;
    const strip = chosen?.scenario.phases.map((phase) => {
      const part = element("span", isTrouble(phase) ? "trouble" : "");
      part.style.flexGrow = String(phase.lengthMs);
      return part;
    });
    byId("strip").replaceChildren(...(strip ?? []), byId("position"));
    for (const [id, { field, control }] of this.#options) {
      control.set(valueIn(values, id));
      control.element.hidden = field.isShown?.((name) => valueIn(values, name)) === false;
    }
    for (const [name, control] of this.#world) control.set(this.#state.world[name]);
    this.#setPlaying(this.#isPlaying);
    this.#showCode();
    this.#showWorld();
    if (this.#trace) this.#showTrace(this.#trace);
    else this.#render();
    const hash = hashOf(this.#state);
    if (location.hash.replace(/^#/, "") !== hash) history.replaceState(null, "", `#${hash}`);
  }

  /** While a preset plays, the sliders follow it. */
  #showWorld(): void {
    const chosen = presetOf(this.#state.preset);
    if (!chosen) return;
    const { world } = this.#state;
    const lengthMs = lengthOf(chosen.scenario.phases);
    let leftMs = Math.min(this.#state.repeats ? this.#lab.nowMs % lengthMs : this.#lab.nowMs, lengthMs - 1);
    const phase = chosen.scenario.phases.find((one) => {
      leftMs -= one.lengthMs;
      return leftMs < 0;
    })!;
    const now = worldIn(phase, world);
    for (const [name, control] of this.#world) control.set(now[name]);
  }

  #showCode(): void {
    const id = byId<HTMLSelectElement>("code-of").value as PolicyId;
    const { values, world } = this.#state;
    const options = optionsOf(id, values);
    setText(byId("code"), codeOf(options, world.timeoutMs));
    let findings: readonly Finding[] = [];
    try {
      const { load: rate, latencyMs, timeoutMs } = world;
      findings = options ? checkOptions(options, { rate, latencyMs, timeoutMs }) : [];
    } catch {
      // bad options: the form says what is wrong
    }
    byId("findings").replaceChildren(...findings.map(({ message }) => element("li", "", message)));
  }

  #problem(text: string): void {
    const place = byId("options-problem");
    place.hidden = text === "";
    setText(place, text);
  }

  /** To screen readers. */
  #say(text: string): void {
    setText(byId("said"), text);
  }

  /** Not more often than one can listen. */
  #sayOpenings(before: readonly number[]): void {
    const now = performance.now();
    if (now - this.#saidMs < 3_000) return;
    const opened = this.#lab.lanes.filter((lane, index) => before[index] === 0 && lane.openings > 0);
    if (opened.length === 0) return;
    this.#saidMs = now;
    const titles = opened.map(({ id }) => POLICIES.find((one) => one.id === id)!.title);
    this.#say(`${timeOf(this.#lab.nowMs)}: opened: ${titles.join(", ")}.`);
  }

  // Controls

  #makeControls(): void {
    for (const id of ["scroll", "code"]) byId(id).tabIndex = 0; // they scroll, by keys too
    for (const { id, title } of PRESETS) this.#addPreset(id, title);
    this.#addPreset("hand", "By hand");
    for (const speed of SPEEDS) {
      const input = element("input");
      Object.assign(input, { type: "radio", name: "speed", value: String(speed) });
      input.addEventListener("change", () => this.#change({ speed }));
      byId("speeds").append(element("label", "", input, speed.toLocaleString("en-US")));
    }
    byId("play").addEventListener("click", () => this.#togglePlay());
    byId("restart").addEventListener("click", () => this.#startAnew());
    byId("skip").addEventListener("click", (event) => {
      event.preventDefault(); // the fragment is the state of the page
      byId("policies").focus();
    });
    byId<HTMLInputElement>("repeat").addEventListener("change", ({ target }) => {
      this.#change({ repeats: (target as HTMLInputElement).checked }, true);
    });
    this.#makeWorld();
    this.#makeOptions();
    this.#makeCode();
    this.#makeDrop();
    document.addEventListener("keydown", (event) => this.#onKey(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#cards.recolor());
    window.addEventListener("hashchange", () => this.#onHash());
  }

  #addPreset(id: string, title: string): void {
    const button = element("button", "", title);
    button.type = "button";
    button.dataset.preset = id;
    button.addEventListener("click", () => {
      // What the present trouble has done to the sliders ends with it.
      const { load, latencyMs, timeoutMs, failureCost } = this.#state.world;
      const world =
        this.#state.preset === "hand" && id === "hand"
          ? this.#state.world
          : { ...HEALTHY, load, latencyMs, timeoutMs, failureCost };
      this.#unload();
      this.#isPlaying = true;
      this.#change({ preset: id, world }, true);
    });
    byId("presets").append(button);
  }

  #makeWorld(): void {
    const number = (
      name: keyof typeof WORLD_RANGES,
      title: string,
      unit: NumberField["unit"],
      low: number,
      high: number,
      suggested?: number,
    ) => {
      const { from, to, initial } = WORLD_RANGES[name];
      const field: NumberField = {
        kind: "number",
        id: name,
        title,
        unit,
        from,
        to,
        whole: unit === "",
        initial,
        suggested: suggested ?? initial ?? low,
        low,
        high,
      };
      this.#addWorld(name, sliderOf(field, this.#onWorld(name)));
    };
    number("load", "Load: calls a second", "", 1, 1_000);
    number("failing", "Failures: share of the calls", "%", 0, 1);
    number("latencyMs", "Latency of an answer", "ms", 1, 2_000);
    number("capacity", "Capacity: calls a second that it bears", "", 1, 1_000, 50);
    this.#addWorld(
      "queues",
      switchOf({ title: "Calls beyond the capacity wait instead of failing" }, this.#onWorld("queues")),
    );
    this.#addWorld("hangs", switchOf({ title: "It answers nothing: calls hang" }, this.#onWorld("hangs")));
    number("failureCost", "Work that a call beyond the capacity still costs", "%", 0, 1);
    number("timeoutMs", "Callers give up after", "ms", 50, 10_000);
  }

  #addWorld(name: keyof World, control: Control): void {
    this.#world.set(name, control);
    byId("world").append(control.element);
  }

  /** A slider of the endpoint: from then on it is played by hand, but load, latency and timeout of a preset are its setting. */
  #onWorld(name: keyof World): OnChange {
    return (value) => {
      const chosen = presetOf(this.#state.preset);
      const isSetting = SETTINGS.includes(name);
      if (chosen && !isSetting) {
        const world = { ...this.#worldNow(), [name]: value };
        this.#changeSoon({ preset: "hand", world }, true);
      } else {
        // By hand load and latency change while it plays; only the timeout needs new calls.
        this.#changeSoon(
          { world: { ...this.#state.world, [name]: value } },
          chosen !== undefined || name === "timeoutMs" || name === "failureCost",
        );
      }
    };
  }

  #worldNow(): World {
    const chosen = presetOf(this.#state.preset);
    if (!chosen) return this.#state.world;
    const lengthMs = lengthOf(chosen.scenario.phases);
    let leftMs = Math.min(this.#lab.nowMs % lengthMs, lengthMs - 1);
    const phase = chosen.scenario.phases.find((one) => {
      leftMs -= one.lengthMs;
      return leftMs < 0;
    })!;
    return worldIn(phase, this.#state.world);
  }

  #makeOptions(): void {
    for (const [index, { title, about, fields }] of GROUPS.entries()) {
      const details = element("details", "", element("summary", "", title), element("p", "hint", about));
      details.open = index === 0;
      for (const field of fields) {
        const control = controlOf(field, (value) => this.#setOption(field, value));
        this.#options.set(field.id, { field, control });
        details.append(control.element);
      }
      byId("options").append(details);
    }
    byId("defaults").addEventListener("click", () => this.#change({ values: {} }, true));
  }

  #setOption(field: Field, value: Value | undefined): void {
    const { [field.id]: _, ...rest } = this.#state.values;
    const isDefault = value === undefined || String(value) === String(field.initial);
    this.#changeSoon({ values: isDefault ? rest : { ...rest, [field.id]: value } }, true);
  }

  #makeCode(): void {
    const select = byId<HTMLSelectElement>("code-of");
    for (const { id, title } of POLICIES) {
      if (id === "none") continue;
      const option = element("option", "", title);
      option.value = id;
      option.selected = id === "breaker";
      select.append(option);
    }
    select.addEventListener("change", () => this.#showCode());
    byId("copy-code").addEventListener(
      "click",
      () => void this.#copy(byId("code").textContent ?? "", "The code"),
    );
    byId("copy-link").addEventListener("click", () => void this.#copy(location.href, "The link"));
  }

  async #copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(`${what} is in the clipboard.`);
    } catch {
      getSelection()?.selectAllChildren(byId("code"));
      this.#say(
        "This browser does not let the page write to the clipboard: copy what is selected, or the address.",
      );
    }
  }

  #togglePlay(): void {
    if (this.#trace) return;
    if (this.#lab.nowMs >= this.#endMs()) this.#startAnew();
    else this.#setPlaying(!this.#isPlaying);
  }

  #startAnew(): void {
    this.#unload();
    this.#restart();
    this.#setPlaying(true);
  }

  #onKey(event: KeyboardEvent): void {
    const isOther =
      (event.target as Element).closest("input, select, button, summary, a, pre, textarea") !== null;
    if (isOther || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") this.#togglePlay();
    else if (event.key.toLowerCase() === "r") this.#startAnew();
    else return;
    event.preventDefault();
  }

  #onHash(): void {
    if (location.hash.replace(/^#/, "") === hashOf(this.#state)) return;
    const { state, problems } = stateOf(location.hash);
    this.#change(state, true);
    if (problems.length > 0) this.#problem(`The link has parts that are left out: ${problems.join("; ")}.`);
  }

  /** @param isNew the play begins anew */
  #change(change: Partial<State>, isNew = false): void {
    this.#state = { ...this.#state, ...change };
    if (isNew && !this.#trace) this.#restart();
    this.#showState();
  }

  /** As `change`, but a slider that moves on does not start a hundred plays. */
  #changeSoon(change: Partial<State>, isNew: boolean): void {
    this.#state = { ...this.#state, ...change };
    this.#showCode();
    for (const { field, control } of this.#options.values())
      control.element.hidden = field.isShown?.((name) => valueIn(this.#state.values, name)) === false;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      if (isNew && this.#state.preset === "hand") this.#isPlaying = true;
      if (isNew && presetOf(this.#state.preset) && this.#lab.nowMs >= this.#endMs()) this.#isPlaying = true;
      this.#change({}, isNew);
    }, PATIENCE_MS);
  }

  // A trace

  #makeDrop(): void {
    const input = byId<HTMLInputElement>("file");
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.#load(file);
      input.value = "";
    });
    byId("by").addEventListener("change", () => {
      if (this.#traceFile) void this.#load(this.#traceFile);
    });
    byId("unload").addEventListener("click", () => {
      this.#unload();
      this.#showState();
    });
    const isFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    document.addEventListener("dragover", (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      void this.#load(file);
    });
  }

  async #load(file: File): Promise<void> {
    const by = byId<HTMLSelectElement>("by").value as "endpoint" | "path";
    let loaded: Loaded;
    try {
      loaded = await loadTrace(file, { by });
    } catch (error) {
      loaded = { problem: `${file.name}: ${(error as Error).message}` };
    }
    const problem = byId("drop-problem");
    problem.hidden = "trace" in loaded;
    if (!("trace" in loaded)) {
      setText(problem, loaded.problem);
      return;
    }
    this.#trace = loaded.trace;
    this.#traceFile = file;
    setText(
      byId("drop-about"),
      [
        `${file.name}: ${aboutTrace(loaded.trace)}`,
        ...loaded.trace.warnings.map((one) => `Warning: ${one}.`),
      ].join(" "),
    );
    setText(byId("drop-limit"), RECORDED_LIMIT);
    for (const id of ["drop-about", "drop-limit", "unload"]) byId(id).hidden = false;
    this.#showState();
    this.#say(`${file.name} is replayed. ${aboutTrace(loaded.trace)}`);
    byId("policies").scrollIntoView({ block: "start" });
  }

  #unload(): void {
    this.#trace = undefined;
    this.#traceFile = undefined;
    for (const id of ["drop-about", "drop-limit", "unload", "drop-problem"]) byId(id).hidden = true;
    byId("policies-title").textContent = "What each policy does with the load";
  }

  #showTrace(trace: CallTrace): void {
    const { values, world } = this.#state;
    setText(
      byId("policies-title"),
      `What each policy would have done with ${this.#traceFile?.name ?? "the trace"}`,
    );
    setText(byId("lesson"), "Outcomes are those of the trace. Change the options, and the replay follows.");
    try {
      const lanes = replayTrace(trace, values, world.timeoutMs);
      const views = lanes.map(({ id, data, sentence, noticedMs, ...counts }): [PolicyId, CardView] => [
        id,
        {
          ...counts,
          data,
          noticedMs,
          state: data.state.at(-1) === OPEN ? OPEN : CLOSED,
          doing: sentence,
          balance: "",
          openings: id === "none" ? undefined : counts.openings,
          backMs: undefined,
          waitMs: undefined,
        },
      ]);
      this.#cards.render(new Map(views));
      this.#problem("");
    } catch (error) {
      this.#problem((error as Error).message);
    }
  }
}

function controlOf(field: Field, onChange: OnChange): Control {
  if (field.kind === "number") return sliderOf(field, onChange);
  if (field.kind === "choice") return choiceOf(field, onChange);
  return field.kind === "switch" ? switchOf(field, onChange) : listOf(field, onChange);
}

function isTrouble({ capacity, failing, hangs }: Phase): boolean {
  return capacity !== undefined || failing !== undefined || hangs === true;
}

/** What the sliders show in a phase of a preset. */
function worldIn({ load = 1, capacity, excess, failing = 0, hangs = false }: Phase, world: World): World {
  return {
    ...world,
    load: Math.round(world.load * load),
    capacity: capacity === undefined ? undefined : Math.max(1, Math.round(world.load * capacity)),
    queues: excess === "queue",
    failing,
    hangs,
  };
}

/** Most calls of a second in what is shown. */
function highestOf({ columns, forgotten }: Lane, from: number): number {
  let most = 0;
  for (let at = Math.max(0, Math.floor(from) - forgotten); at < columns.good.length; at++)
    most = Math.max(most, columns.good[at]! + columns.failed[at]! + columns.refused[at]!);
  return most;
}

/** A sentence for the end of a play. */
function endingOf({ world, openings, breaker }: Lane): string {
  const { good, failed, refused } = world;
  const all = good + failed + refused;
  const calls = `Of ${counted(all, "call")} ${good.toLocaleString("en-US")} succeeded`;
  if (!breaker) return `${calls}, and ${failed.toLocaleString("en-US")} were made in vain.`;
  const opened =
    openings === 0 ? "It did not open" : `It opened ${openings === 1 ? "once" : `${openings} times`}`;
  return `${calls}, ${failed.toLocaleString("en-US")} were made in vain. ${opened}.`;
}

new Playground();
