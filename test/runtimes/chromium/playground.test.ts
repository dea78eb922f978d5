import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium, type Page, type PageOptions } from "./engine.ts";

const TEXT = (id: string) => `document.getElementById("${id}").textContent`;
/** Figures of a row of the table, without commas: succeeded, failed, refused. */
const ROW = (title: string) =>
  `[...document.querySelectorAll("#figures tbody tr")].find((row) => row.cells[0].textContent === "${title}")
    .innerText.split("\\t").slice(1, 4).map((text) => Number(text.replaceAll(",", "")))`;
const PLAYED = `${TEXT("play")} === "Play again"`;

inRuntime("chromium", () => {
  let chromium: Chromium;
  let folder: string;
  let url: string;
  let page: Page;
  let said: string[];

  beforeAll(async () => {
    const { playgroundText } = (await import("../../../scripts/playground.mjs" as string)) as {
      playgroundText(): Promise<string>;
    };
    folder = mkdtempSync(join(tmpdir(), "playground-"));
    const path = join(folder, "index.html");
    writeFileSync(path, await playgroundText());
    url = pathToFileURL(path).href; // no server
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await page?.close();
    expect(said).toEqual([]);
  });

  /** Violations of the policy of the page and errors are said on the console. */
  async function open(
    hash = "",
    options: PageOptions = { viewport: { width: 1_440, height: 1_000 } },
  ): Promise<void> {
    said = [];
    page = await chromium.newPage({ colorScheme: "light", ...options });
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", ({ message }) => said.push(message));
    await page.goto(`${url}#${hash}`);
  }

  async function until(expression: string): Promise<void> {
    await expect
      .poll(() => page.evaluate(`Boolean(${expression})`), { timeout: 15_000, interval: 50 })
      .toBe(true);
  }

  /** Gives a file to the page as a drop does. */
  const drop = (name: string, text: string) =>
    page.evaluate(`{
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }`);

  it("plays an outage at 1,000 times real time, and has the figures of the core", async () => {
    await open("speed=1000");
    await until(PLAYED);
    expect(await page.evaluate(ROW("No breaker"))).toEqual([9_000, 3_000, 0]);
    const [good, failed, refused] = await page.evaluate<number[]>(ROW("Success rate"));
    expect(good! + failed! + refused!).toBe(12_000);
    expect(failed).toBeLessThan(300);
    expect(await page.evaluate(TEXT("time"))).toBe("2:00");
    expect(await page.evaluate("document.querySelectorAll('.card .plot canvas').length")).toBe(4);
    expect(await page.evaluate(TEXT("said"))).toMatch(
      /^The play has ended\. Most calls succeeded with the policy "No breaker"/,
    );
    const painted = await page.evaluate<number>(`(() => {
      const canvas = document.querySelectorAll(".card canvas")[0];
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 === 3 && value > 0).length / (data.length / 4);
    })()`);
    expect(painted).toBeGreaterThan(0.3);
  });

  it("plays at real time, pauses, and goes on by keys", async () => {
    await open("speed=1");
    await until(`${TEXT("time")} === "0:02"`);
    await page.keyboard.press(" ");
    expect(await page.evaluate(TEXT("play"))).toBe("Play");
    const stopped = await page.evaluate(TEXT("time"));
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 1_300))");
    expect(await page.evaluate(TEXT("time"))).toBe(stopped);
    await page.keyboard.press("r");
    expect(await page.evaluate(TEXT("time"))).toBe("0:00");
    await page.evaluate("document.querySelector('[name=speed][value=\"1\"]').focus()");
    for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowRight");
    expect(await page.evaluate("document.activeElement.value")).toBe("1000");
    await until(PLAYED);
    await page.evaluate("document.querySelector('[data-preset=third]').focus()");
    await page.keyboard.press("Enter");
    await until(`${PLAYED} && ${TEXT("time")} === "3:00"`);
    expect(await page.evaluate("location.hash")).toBe("#preset=third&speed=1000");
  });

  it("changes options by a slider: the play, the code and the link follow", async () => {
    await open("speed=1000");
    await until(PLAYED);
    const before = await page.evaluate<number[]>(ROW("Failures in a row"));
    await page.evaluate(`{
      const slider = document.querySelector('[aria-label="Failures in a row, slider"]');
      slider.focus();
    }`);
    await page.keyboard.press("End");
    await until("location.hash.includes('failures=100')");
    await until(PLAYED);
    expect((await page.evaluate<number[]>(ROW("Failures in a row")))[1]).toBeGreaterThan(before[1]!);
    await page.evaluate(`{
      const select = document.getElementById("code-of");
      select.value = "consecutive";
      select.dispatchEvent(new Event("change"));
    }`);
    expect(await page.textContent("#code")).toContain('{ kind: "consecutive_failures", failures: 100 }');
    const link = await page.evaluate<string>("location.hash");
    const figures = await page.evaluate(ROW("Failures in a row"));
    await page.close();
    await open(link.slice(1));
    await until(PLAYED);
    expect(await page.evaluate(ROW("Failures in a row"))).toEqual(figures);
  });

  it("goes on by hand when a slider of the endpoint is moved", async () => {
    await open("speed=100");
    await page.evaluate(
      "document.querySelector('[aria-label=\"Failures: share of the calls, slider\"]').focus()",
    );
    await page.keyboard.press("End");
    await until("location.hash.includes('preset=hand')");
    await until(`${TEXT("time")} > "0:30" || ${TEXT("time")}.length > 4`);
    const [good, failed] = await page.evaluate<number[]>(ROW("No breaker"));
    expect([good, failed! > 1_000]).toEqual([0, true]);
    expect(await page.textContent(".card:nth-child(3) .pill")).not.toBe("closed");
  });

  it("says what is wrong with options and values, and what cannot work", async () => {
    await open("windowMs=2000&hungAfterMs=1900&speed=1000");
    await until(`${TEXT("options-problem")}.includes("hungAfterMs must be 1 to 1600, got 1900")`);
    await page.close();
    await open("load=1&speed=1000&nonsense=1");
    expect(await page.textContent("#options-problem")).toBe(
      'The link has parts that are left out: "nonsense=1" is unknown.',
    );
    expect(await page.textContent("#findings")).toContain("the breaker never opens: minimumCalls 20");
    await page.evaluate(`{
      const box = document.querySelector("#options input[type=number]");
      box.value = "-5";
      box.dispatchEvent(new Event("input"));
    }`);
    expect(await page.textContent("#options .problem:not([hidden])")).toBe(
      "Length of the window: 1 to 86400000, got -5",
    );
  });

  it("replays a trace that is dropped, follows the options, and goes back", async () => {
    await open("speed=1000");
    const line = (call: number) =>
      JSON.stringify({ endpoint: "pay", time: 1.7e12 + call * 20, durationMs: 5, ok: call % 100 < 60 });
    await drop("pay.ndjson", Array.from({ length: 2_000 }, (_, call) => line(call)).join("\n"));
    await until(`${TEXT("drop-about")}.startsWith("pay.ndjson: 2,000 calls of 1 endpoint in 40.0 s")`);
    expect(await page.evaluate(ROW("No breaker"))).toEqual([1_200, 800, 0]);
    expect(await page.textContent("#policies-title")).toBe(
      "What each policy would have done with pay.ndjson",
    );
    expect(
      await page.evaluate(
        "[document.getElementById('transport').hidden, document.querySelectorAll('[data-preset][aria-pressed=true]').length]",
      ),
    ).toEqual([true, 0]);
    const before = await page.evaluate<number[]>(ROW("Failures in a row"));
    await page.evaluate("document.querySelector('[aria-label=\"Failures in a row, slider\"]').focus()");
    await page.keyboard.press("End");
    await until(`JSON.stringify(${ROW("Failures in a row")}) !== ${JSON.stringify(JSON.stringify(before))}`);
    expect(await page.evaluate(ROW("Failures in a row"))).toEqual([1_200, 800, 0]);
    await page.click("#unload");
    expect(await page.textContent("#policies-title")).toBe("What each policy does with the load");
    expect(await page.evaluate("document.getElementById('transport').hidden")).toBe(false);
  });

  it.each([
    ["", "x.log: the trace is empty at byte 0; 0 calls were read before it"],
    [
      "hello\nworld\n",
      "x.log: the trace has none of the formats recording, ndjson, nginx, apache, envoy, haproxy, har, prometheus at line 1; 0 calls were read before it",
    ],
    ["BSTRACE1", /^x\.log: .* at byte \d+; 0 calls were read before it$/],
  ])("says what is wrong with a trace that is dropped: %j", async (text, problem) => {
    await open("speed=1000");
    await until(PLAYED);
    const figures = await page.evaluate(ROW("Success rate"));
    await drop("x.log", text);
    await until(`!document.getElementById("drop-problem").hidden`);
    const given = (await page.textContent("#drop-problem")) ?? "";
    if (typeof problem === "string") expect(given).toBe(problem);
    else expect(given).toMatch(problem);
    expect(await page.evaluate(ROW("Success rate"))).toEqual(figures);
  });

  it("fits a screen of 360 px, in the dark, with every group of options open", async () => {
    await open("preset=third&speed=1000&ramp=true&backoff=steps&slowCallMs=200", {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await until(PLAYED);
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(15, 19, 24)");
  });

  it("has a name for every control, headings in order, and a table of the figures for screen readers", async () => {
    await open("speed=1000&ramp=true&backoff=steps&slowCallMs=200&hungAfterMs=200&maximumPending=5");
    await until(PLAYED);
    const facts = await page.evaluate<Record<string, unknown>>(`({
      unnamed: [...document.querySelectorAll("button, input, select, a, summary")].filter(
        (one) => !(one.ariaLabel || one.labels?.[0]?.textContent.trim() || one.textContent.trim()),
      ).map((one) => one.outerHTML),
      values: [...document.querySelectorAll("input[type=range]")].filter((one) => !one.getAttribute("aria-valuetext"))
        .map((one) => one.ariaLabel),
      levels: [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => tagName).join(" ")
        .replace(/H3( H3)*/g, "H3"),
      charts: [...document.querySelectorAll(".plot")].map(({ role, ariaLabel }) => [role, ariaLabel.split(":")[0]]),
      columns: [...document.querySelectorAll("#figures thead th")].every(({ scope }) => scope === "col"),
      rows: [...document.querySelectorAll("#figures tbody th")].map(({ scope }) => scope),
      live: document.getElementById("said").role,
      ids: (() => {
        const all = [...document.querySelectorAll("[id]")].map(({ id }) => id);
        return all.length - new Set(all).size;
      })(),
    })`);
    expect(facts).toEqual({
      unnamed: [],
      values: ["Capacity: calls a second that it bears, slider"], // it is off
      levels: "H1 H2 H2 H3 H2 H2 H2 H2",
      charts: ["No breaker", "Failures in a row", "Success rate", "Throttle"].map((title) => ["img", title]),
      columns: true,
      rows: ["row", "row", "row", "row"],
      live: "status",
      ids: 0,
    });
  });
});
