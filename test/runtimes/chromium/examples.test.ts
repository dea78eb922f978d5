import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium, type Page } from "./engine.ts";

const SERVER = join(import.meta.dirname, "../../../examples/serve.mjs");

/** Starts it as the examples say, on a free port; the address of each page. */
async function startServer(): Promise<{ server: ChildProcess; pages: readonly string[] }> {
  const server = spawn(process.execPath, [SERVER, "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(server.stdout, "data")) as [Buffer];
  return { server, pages: said.toString().trim().split("\n") };
}

inRuntime("chromium", () => {
  let chromium: Chromium;
  let server: ChildProcess;
  let pages: readonly string[];
  const uncaught: string[] = [];

  beforeAll(async () => {
    [chromium, { server, pages }] = await Promise.all([launchChromium(), startServer()]);
  });
  afterAll(async () => {
    server?.kill();
    await chromium?.close();
  });
  afterEach(async () => {
    await ask("up", { method: "POST" });
    expect(uncaught).toEqual([]);
  });

  async function open(name: string): Promise<Page> {
    const url = pages.find((one) => one.endsWith(`/${name}/`));
    const page = await chromium.newPage();
    page.on("pageerror", ({ message }) => uncaught.push(message));
    await page.goto(url ?? "");
    return page;
  }

  /** A question to the origin itself. */
  async function ask(what: string, init: RequestInit = {}): Promise<string> {
    return (await fetch(new URL(`/flaky/${what}`, pages[0]), init)).text();
  }

  /** Waits until so many lines stand in the log. */
  async function logOf(page: Page, lines: number): Promise<string[]> {
    await page.waitForFunction(`log.textContent.split("\\n").length > ${lines}`);
    return ((await page.textContent("#log")) ?? "").trimEnd().split("\n");
  }

  it("a page calls, is refused while the breaker is open, and goes on when the origin is back", async () => {
    const page = await open("browser-page");
    expect(await page.evaluate("navigator.userAgent")).toContain("Chrome/");
    await page.click("#call");
    await logOf(page, 1);
    await ask("down", { method: "POST" });
    for (const lines of [2, 3, 5, 6]) {
      await page.click("#call");
      await logOf(page, lines);
    }
    expect(await page.textContent("#state")).toBe("open");
    await ask("up", { method: "POST" });
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 1_000))");
    await page.click("#call");
    const log = await logOf(page, 9);
    expect(log.map((line) => line.replaceAll(/\d+/g, "N"))).toEqual([
      "fresh answer N",
      "failed: status N",
      "failed: status N",
      "-- opened: consecutive_failures",
      "failed: status N",
      "refused, retry in N ms",
      "-- half_opened: delay_ended",
      "-- closed: probes_succeeded",
      "fresh answer N",
    ]);
  });

  it("a Service Worker answers from its cache while its breaker is open, and leaves the origin alone", async () => {
    const page = await open("service-worker");
    await page.waitForFunction("!document.querySelector('#fetch').disabled");
    await page.click("#fetch");
    const [first] = await logOf(page, 1);
    expect(first).toMatch(/^200 fresh answer \d+, by the origin$/);
    const answer = first?.split(",")[0];
    await ask("down", { method: "POST" });
    for (let lines = 2; lines <= 4; lines++) {
      await page.click("#fetch");
      expect((await logOf(page, lines)).at(-1)).toBe(`${answer}, by the cache, the origin failed`);
    }
    const hits = await ask("hits");
    for (let lines = 5; lines <= 8; lines++) {
      await page.click("#fetch");
      expect((await logOf(page, lines)).at(-1)).toBe(`${answer}, by the cache, the breaker is open`);
    }
    expect(await ask("hits")).toBe(hits);
    await ask("up", { method: "POST" });
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 1_000))");
    await page.click("#fetch");
    expect((await logOf(page, 9)).at(-1)).toMatch(/^200 fresh answer \d+, by the origin$/);
  });

  it("workers leave an origin alone that one of them has found to be down, and a new one takes its place", async () => {
    const page = await open("shared-workers");
    const seen = (text: string) => page.waitForFunction(`/${text}/s.test(workers.textContent)`);
    await seen("worker 1: [1-9].*worker 2: [1-9]|worker 2: [1-9].*worker 1: [1-9]");
    await ask("down", { method: "POST" });
    await seen("worker 1: [^\\n]* [1-9]\\d* refused");
    await seen("worker 2: [^\\n]* [1-9]\\d* refused");
    expect((await logOf(page, 1))[0]).toBe("origin opened: consecutive_failures");
    await page.click("#replace");
    await seen("worker 3: [^\\n]* [1-9]\\d* refused"); // by what the others have learnt
    await ask("up", { method: "POST" });
    await seen("worker 3: [1-9]\\d* answered");
    expect((await logOf(page, 2)).at(-1)).toBe("origin closed: probes_succeeded");
    await page.close();
  });
});
