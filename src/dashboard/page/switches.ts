/** The switches of one breaker, where the page has them. */
import type { Action, SwitchOrder } from "../protocol.ts";
import { element, setText } from "./dom.ts";

const SWITCHES: readonly (readonly [action: Action, title: string, about: string])[] = [
  ["enable", "Enable", "Judge calls, and refuse them while open"],
  ["force_open", "Force open", "Refuse all calls until it is enabled again"],
  ["disable", "Disable", "Let all calls pass, uncounted"],
  ["shadow", "Shadow", "Judge calls, refuse none"],
  ["trip", "Trip", "Open now, and heal by itself"],
  ["reset", "Reset", "Close, and forget the window"],
];

/** The mode that a switch sets, by its code; trip and reset set none. */
const MODE_OF: Readonly<Partial<Record<Action, number>>> = {
  enable: 0,
  disable: 1,
  force_open: 2,
  shadow: 3,
};

/** See the file. */
export class Switches {
  readonly element = element("div", "switches");
  readonly #answer = element("p", "answer");
  readonly #buttons = new Map<Action, HTMLButtonElement>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    const group = element("div", "buttons");
    group.role = "group";
    group.ariaLabel = `Switches of ${name}`;
    for (const [action, title, about] of SWITCHES) {
      const button = element("button", "", title);
      button.type = "button";
      button.title = about;
      button.addEventListener("click", () => void this.#order(action));
      this.#buttons.set(action, button);
      group.append(button);
    }
    this.#answer.role = "status";
    this.element.append(group, this.#answer);
  }

  /** Shows which mode is on. */
  render(mode: number): void {
    for (const [action, button] of this.#buttons) {
      if (MODE_OF[action] !== undefined) button.ariaPressed = String(MODE_OF[action] === mode);
    }
  }

  async #order(action: Action): Promise<void> {
    const order: SwitchOrder = { endpoint: this.#name, action };
    const headers = { "content-type": "application/json" };
    setText(this.#answer, "");
    try {
      const response = await fetch("switch", { method: "POST", headers, body: JSON.stringify(order) });
      const text = (await response.text()).trim();
      this.#answer.classList.toggle("failed", !response.ok);
      setText(this.#answer, response.ok ? "" : text);
    } catch {
      this.#answer.classList.add("failed");
      setText(this.#answer, "The server does not answer.");
    }
  }
}
