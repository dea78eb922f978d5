import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CallTraceBuilder, FAILURE, SUCCESS, spanOf } from "../../../src/replay/calls/call-trace.ts";
import { htmlReportOf } from "../../../src/replay/report/html-report.ts";
import { timelineOf } from "../../../src/replay/report/timeline.ts";
import { replayCalls } from "../../../src/replay/whatif/replay-calls.ts";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium, type Page } from "./engine.ts";

const PAPERS = { light: "rgb(255, 255, 255)", dark: "rgb(20, 24, 31)" };

function reportText(): string {
  const builder = new CallTraceBuilder();
  for (let call = 0; call < 6_000; call++) {
    builder.add(
      `service-${call % 3}.example.com`,
      1.7e12 + call * 100,
      20,
      call > 1_200 && call < 1_800 ? FAILURE : SUCCESS,
    );
  }
  const trace = builder.build();
  const [fromMs, toMs] = spanOf(trace);
  const { slices, watch } = timelineOf(trace, fromMs, toMs);
  return htmlReportOf(replayCalls(trace, {}, watch), slices, "trace.log");
}

inRuntime("chromium", () => {
  let chromium: Chromium;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
    writeFileSync(join(folder, "replay.html"), reportText());
    url = pathToFileURL(join(folder, "replay.html")).href;
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(width: number, colorScheme: "light" | "dark"): Promise<{ page: Page; said: string[] }> {
    const said: string[] = [];
    const page = await chromium.newPage({ viewport: { width, height: 800 }, colorScheme });
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", ({ message }) => said.push(message));
    await page.goto(url);
    return { page, said };
  }

  it.each([
    [1_200, "light"],
    [1_200, "dark"],
    [360, "light"],
    [360, "dark"],
  ] as const)(
    "a report fits %d px in %s colours, and its policy lets its style through",
    async (width, scheme) => {
      const { page, said } = await open(width, scheme);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(PAPERS[scheme]);
      const heights = await page.evaluate<number[]>(
        "[...document.querySelectorAll('svg')].map((one) => one.clientHeight)",
      );
      expect(heights).toEqual([132, 132, 132]);
      expect(said).toEqual([]);
      await page.close();
    },
  );

  it("a report is read by keys: from the table to a chart, and its openings", async () => {
    const { page, said } = await open(1_200, "light");
    await page.keyboard.press("Tab"); // the table scrolls
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("service-0.example.com");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("location.hash")).toBe("#endpoint-1");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("1 opening, 1 outage");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.querySelector('details').open")).toBe(true);
    expect(await page.evaluate("document.querySelector('details tbody').innerText")).toContain(
      "success_rate_over_time_window",
    );
    expect(said).toEqual([]);
    await page.close();
  });

  it("a report has names for its charts and tables", async () => {
    const { page } = await open(1_200, "light");
    const facts = await page.evaluate(`({
      charts: [...document.querySelectorAll("svg")].every(({ role, ariaLabel }) => role === "img" && ariaLabel.length > 20),
      captions: [...document.querySelectorAll("table")].every((one) => one.caption?.textContent),
      heads: [...document.querySelectorAll("th")].every(({ scope }) => scope),
      levels: [...document.querySelectorAll("h1, h2")].map(({ tagName }) => tagName).join(" "),
    })`);
    expect(facts).toEqual({ charts: true, captions: true, heads: true, levels: "H1 H2 H2 H2" });
    await page.close();
  });
});
