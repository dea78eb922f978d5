/** The page: what it shows follows from messages of the server, and from the breaker that its address names. */
import "./language.ts";
import { MAXIMUM_IDS, type Minutes, type OverviewMessage } from "../protocol.ts";
import { Announcer } from "./announcer.ts";
import { Detail } from "./detail.ts";
import { byId, setAttribute, setText } from "./dom.ts";
import { EventList } from "./events.ts";
import { Filters } from "./filters.ts";
import { listenToKeys } from "./keys.ts";
import { Model } from "./model.ts";
import { openStream } from "./stream.ts";
import { SumsView } from "./sums.ts";
import { Table } from "./table.ts";

const MAXIMUM_EVENTS = 50;
/** Without a message for so long the page says that it is old. */
const STALE_MS = 4_000;

/** px: from here on a breaker is shown beside the table. */
const WIDE = 900;

const model = new Model();
const table = new Table(model);
const sums = new SumsView();
const announcer = new Announcer(model);
const latest = new EventList(byId<HTMLOListElement>("events"), MAXIMUM_EVENTS, true);
const filters = new Filters(() => {
  table.filter = filters.test();
  table.render();
});
let detail: Detail | undefined;
/** The page shows the only breaker there is, unless its reader has chosen. */
let hasChosen = location.hash !== "";
let heardAt = performance.now();

openStream<OverviewMessage>("stream", {
  onOpen() {
    model.restart();
    latest.clear();
  },
  onMessage(message) {
    heardAt = performance.now();
    model.apply(message);
    if (message.events) latest.add(message.events);
    show();
  },
  onBreak: () => say("lost", "connection lost, trying again"),
});

function show(): void {
  say("live", "live");
  if (model.sums) sums.render(model.sums);
  byId("no-events").hidden = byId("events").childElementCount > 0;
  announcer.render();
  showOnly();
  if (document.hidden) return; // drawn when it is seen again
  filters.render(model);
  table.filter = filters.test();
  table.render();
}

/** Asks for the past of sparklines that come into view. */
async function fillSparklines(): Promise<void> {
  const ids = model.unfilled(table.visible());
  if (ids.length === 0) return;
  try {
    const response = await fetch(`minutes?ids=${ids.slice(0, MAXIMUM_IDS).join()}`);
    model.fill((await response.json()) as Minutes);
  } catch {
    // Without it they begin empty.
  }
}

function showOnly(): void {
  const [only] = model.breakers.values();
  if (hasChosen || model.breakers.size !== 1 || innerWidth < WIDE) return;
  hasChosen = true;
  history.replaceState(undefined, "", `#/${encodeURIComponent(only!.name)}`);
  follow();
}

function say(state: "live" | "lost" | "stale", text: string): void {
  setAttribute(byId("connection"), "data-state", state);
  setText(byId("connection"), text);
}

/** Shows the breaker that the address names. */
function follow(): void {
  hasChosen ||= location.hash !== "";
  const name = nameOf(location.hash);
  if (name === detail?.name) return;
  detail?.destroy();
  detail = undefined;
  byId("detail").hidden = name === undefined;
  byId("main").classList.toggle("with-detail", name !== undefined);
  table.select(name ?? "");
  if (name === undefined) return;
  detail = new Detail(name, () => model.now(), back);
  byId("detail").scrollTop = 0;
  byId("detail").focus({ preventScroll: true });
}

/** "#/payments" → payments. */
function nameOf(hash: string): string | undefined {
  if (!hash.startsWith("#/") || hash.length < 3) return undefined;
  try {
    return decodeURIComponent(hash.slice(2));
  } catch {
    return undefined;
  }
}

function back(): void {
  if (!detail) return;
  const { name } = detail;
  history.pushState(undefined, "", location.pathname + location.search);
  follow();
  table.focus(model.find(name));
}

table.onScroll = () => void fillSparklines();
listenToKeys(table, filters, back);
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && model.sums) show();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => detail?.recolor());
setInterval(() => {
  const silentMs = performance.now() - heardAt;
  if (silentMs > STALE_MS && byId("connection").dataset.state === "live")
    say("stale", `no message for ${Math.round(silentMs / 1_000)} s`);
}, 1_000);
follow();
