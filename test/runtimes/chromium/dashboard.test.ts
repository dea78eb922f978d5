import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium, type Page, type PageOptions } from "./engine.ts";

const SERVER = join(import.meta.dirname, "dashboard-server.mjs");
const VICTIM = "service-500.example";
/** Of the page in light colours. */
const RED = "rgb(253, 236, 235)";
const FOCUSED = "document.activeElement.textContent";
const MB = 1_048_576;

/** The row of a breaker. */
function row(name: string): string {
  return `[...document.querySelectorAll("#rows tr")].find((one) => one.textContent.startsWith("${name}"))`;
}

inRuntime("chromium", () => {
  let chromium: Chromium;
  let server: ChildProcess;
  let origin: string;
  let page: Page;
  let said: string[];

  beforeAll(async () => {
    server = spawn(process.execPath, [SERVER], { stdio: ["ignore", "pipe", "inherit"] });
    const [[line]] = await Promise.all([once(server.stdout!, "data") as Promise<[Buffer]>, launch()]);
    origin = line.toString().trim();
  });
  afterAll(async () => {
    server?.kill();
    await chromium?.close();
  });
  afterEach(async () => {
    await page?.close();
    await ask(`/up?${VICTIM}`);
    expect(said).toEqual([]);
  });

  async function launch(): Promise<void> {
    chromium = await launchChromium();
  }

  async function ask(path: string): Promise<string> {
    return (await fetch(`${origin}${path}`)).text();
  }

  /** Opens the page and waits for its rows. Violations of its policy and errors are said on the console. */
  async function open(
    hash = "",
    options: PageOptions = { viewport: { width: 1_280, height: 800 } },
  ): Promise<void> {
    said = [];
    page = await chromium.newPage({ colorScheme: "light", ...options });
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", ({ message }) => said.push(message));
    await page.goto(`${origin}/breakers/${hash}`);
    await until("document.querySelectorAll('#rows tr').length === 1000");
  }

  /** Waits until an expression is true. `waitForFunction` would evaluate text inside the page, whose policy refuses that. */
  async function until(expression: string): Promise<void> {
    await expect
      .poll(() => page.evaluate(`Boolean(${expression})`), { timeout: 10_000, interval: 50 })
      .toBe(true);
  }

  it("shows 1,000 breakers; of an endpoint that dies the row is on top and red within two seconds", {
    retry: 2,
  }, async () => {
    await open();
    await page.evaluate(`void (globalThis.redAt = new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        if (${row(VICTIM)}?.dataset.condition !== "open") return;
        observer.disconnect();
        resolve(Date.now());
      }).observe(document.querySelector("#rows"), { subtree: true, attributes: true });
    }))`);
    await until("document.querySelector('.sums .rate dd').textContent !== '–'");
    // An empty window: then 20 failures open it.
    await page.evaluate(`fetch("switch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ endpoint: "${VICTIM}", action: "reset" }),
    })`);
    const opened = waitForOpening();
    await ask(`/down?${VICTIM}`);
    const openedAtMs = await opened;
    expect((await page.evaluate<number>("redAt")) - openedAtMs).toBeLessThan(2_000);
    expect(await page.evaluate("document.querySelector('#rows tr th').textContent")).toBe(VICTIM);
    await until(`getComputedStyle(${row(VICTIM)}.cells[0]).backgroundColor === "${RED}"`);
    expect(await page.evaluate("document.title")).toBe("(1 open) Test");
    expect(await page.textContent("#outages")).toBe(`${VICTIM} opened.`);
    expect(await page.textContent("#events li")).toContain("connect ECONNREFUSED");
  });

  /** When the breaker opens, as its own stream says. */
  async function waitForOpening(): Promise<number> {
    const { body } = await fetch(`${origin}/breakers/stream?breaker=${VICTIM}`);
    const decoder = new TextDecoder();
    const from = Date.now();
    let text = "";
    for await (const chunk of body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (const [, atMs] of text.matchAll(/"atMs":(\d+),"endpoint":"[^"]+","kind":"opened"/g)) {
        if (Number(atMs) >= from) return Number(atMs);
      }
    }
    throw new Error("the stream ended");
  }

  it("shows one breaker: why it is open, the time until its probe, charts, events, switches", async () => {
    await open(`#/${VICTIM}`);
    await ask(`/down?${VICTIM}`);
    await until("document.querySelector('.detail-head .pill')?.textContent === 'open'");
    expect(await page.textContent("#detail-name")).toBe(VICTIM);
    expect(await page.textContent(".why")).toMatch(
      /^open since .* failed .*last error: connect ECONNREFUSED; /,
    );
    expect(await page.textContent(".countdown")).toMatch(
      /^Next probe in [\d.]+\u202fs$|^The next call is the probe$/,
    );
    expect(await page.evaluate("document.querySelectorAll('.chart:not([hidden]) canvas').length")).toBe(4);
    expect(await page.evaluate("document.querySelector('.chart .plot').ariaLabel")).toMatch(
      /^Success rate .* Now: /,
    );
    await until("document.querySelectorAll('.history .events li').length > 0");
    await page.evaluate(
      "[...document.querySelectorAll('.switches button')].find((one) => one.textContent === 'Disable').click()",
    );
    await until("document.querySelector('.detail-head .pill').textContent === 'disabled'");
    await page.evaluate(
      "[...document.querySelectorAll('.switches button')].find((one) => one.textContent === 'Enable').click()",
    );
    await until("document.querySelector('.detail-head .pill').textContent !== 'disabled'");
  });

  it("is used by keys alone: search, arrows, Enter, Escape", async () => {
    await open();
    await page.keyboard.press("/");
    expect(await page.evaluate("document.activeElement.id")).toBe("search");
    await page.keyboard.type("service-12");
    await until("document.querySelectorAll('#rows tr').length === 10");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate(FOCUSED)).toBe("service-120.example");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    expect(await page.evaluate(FOCUSED)).toBe("service-121.example");
    await page.keyboard.press("End");
    expect(await page.evaluate(FOCUSED)).toBe("service-129.example");
    await page.keyboard.press("Enter");
    await until("document.querySelector('#detail-name')?.textContent === 'service-129.example'");
    expect(await page.evaluate("location.hash")).toBe("#/service-129.example");
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.querySelector('#detail').hidden")).toBe(true);
    expect(await page.evaluate(FOCUSED)).toBe("service-129.example");
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    await until("document.querySelectorAll('#rows tr').length === 1000");
  });

  it("fits a screen of 375 px, the table and one breaker", async () => {
    for (const hash of ["", `#/${VICTIM}`]) {
      await open(hash, { viewport: { width: 375, height: 700 }, colorScheme: "dark" });
      expect(await page.evaluate("document.documentElement.scrollWidth"), hash).toBeLessThanOrEqual(375);
      await page.close();
    }
  });

  it("is a table with headings, names and a sorted column for screen readers", async () => {
    await open();
    const facts = await page.evaluate<Record<string, unknown>>(`({
      caption: document.querySelector("caption").textContent.trim().slice(0, 9),
      columns: [...document.querySelectorAll("thead th")].map(({ scope }) => scope),
      rows: document.querySelector("tbody tr th").scope,
      sorted: document.querySelector("thead [aria-sort]").textContent,
      stops: document.querySelectorAll("tbody a[tabindex='0']").length,
      live: document.querySelector("#outages").ariaLive,
      unnamed: [...document.querySelectorAll("button, input, a")].filter(
        (one) => !(one.textContent || one.ariaLabel || one.labels?.[0]?.textContent),
      ).length,
    })`);
    expect(facts).toEqual({
      caption: "Breakers.",
      columns: Array(6).fill("col"),
      rows: "row",
      sorted: "State",
      stops: 1,
      live: "assertive",
      unnamed: 0,
    });
  });

  it("runs no script that is put into it", async () => {
    await open();
    await page.evaluate(`const script = document.createElement("script");
      script.textContent = "globalThis.intruder = 1";
      document.head.append(script)`);
    expect(await page.evaluate("globalThis.intruder")).toBeUndefined();
    expect(said.splice(0).join()).toMatch(/^error: .*violates the following Content Security Policy/);
  });

  // The last one: the program cannot go back to normal time.
  it("takes no more memory after 150 seconds than after 30", { timeout: 40_000 }, async () => {
    await open(`#/${VICTIM}`);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const measure = async (): Promise<{ heap: number; nodes: number }> => {
      await session.send("HeapProfiler.collectGarbage");
      const { metrics } = await session.send("Performance.getMetrics");
      const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
      return { heap: metric("JSHeapUsedSize") / MB, nodes: metric("Nodes") };
    };
    /** Lets the program get on; the endpoint dies and returns. */
    const waitUntil = async (second: number): Promise<void> => {
      for (let now = 0; now < second; now = Number(await ask("/seconds")))
        await ask(now % 40 < 20 ? `/down?${VICTIM}` : `/up?${VICTIM}`);
      await until("document.querySelector('#connection').textContent === 'live'");
    };
    await ask("/fast");
    await waitUntil(30);
    const before = await measure();
    await waitUntil(150);
    const after = await measure();
    expect(after.heap - before.heap).toBeLessThan(2);
    expect(after.nodes - before.nodes).toBeLessThan(5_000);
  });
});
