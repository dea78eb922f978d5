/** What keys do. */
import type { Filters } from "./filters.ts";
import type { Table } from "./table.ts";

/** Rows that Page Up and Page Down move by. */
const PAGE = 15;

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** @param back leaves the view of one breaker. */
export function listenToKeys(table: Table, { search }: Filters, back: () => void): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (handle(event.key, event.target as Element)) event.preventDefault();
  });

  /** Whether the key meant something. */
  function handle(key: string, target: Element): boolean {
    const isTyping = target === search;
    if (key === "/" && !isTyping) {
      search.focus();
      search.select();
      return true;
    }
    if (key === "Escape") return leave(isTyping);
    const step = STEPS[key];
    if (step === undefined) return false;
    const isCaret = isTyping && (key === "Home" || key === "End");
    const isElsewhere = target !== document.body && !isTyping && !target.closest("#breakers");
    if (isCaret || isElsewhere) return false;
    table.move(step);
    return true;
  }

  function leave(isTyping: boolean): boolean {
    if (!isTyping) {
      back();
      return true;
    }
    if (search.value === "") table.focus();
    search.value = "";
    search.dispatchEvent(new Event("input"));
    return true;
  }
}
