/** The documents as a site: `npm run site`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium, type Page, type PageOptions } from "./engine.ts";
import { openSite, type Site } from "./site.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1_440, height: 900 };
/** Built by other commands, and tested there. */
const NOT_OURS = /^(reference|playground)\//;
/** Tabs that crawl side by side. */
const TABS = 3;

/** What is read on one page. */
interface Crawled {
  readonly address: string;
  readonly title: string;
  readonly width: number;
  readonly ids: readonly string[];
  readonly links: readonly string[];
}

const READ = `({
  title: document.querySelector("h1").textContent,
  width: document.documentElement.scrollWidth,
  ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
  links: [...document.querySelectorAll("a[href], img[src], script[src], link[href]")].map(({ href, src }) => href ?? src),
})`;

inRuntime("chromium", () => {
  let chromium: Chromium;
  let site: Site;
  let folder: string;
  let base: string;
  let addresses: readonly string[];
  let said: string[] = [];

  beforeAll(async () => {
    const { buildSite } = (await import("../../../scripts/site.mjs" as string)) as {
      buildSite(folder: string): Promise<readonly string[]>;
    };
    folder = mkdtempSync(join(tmpdir(), "site-"));
    [addresses, chromium, site] = await Promise.all([
      buildSite(folder),
      launchChromium(),
      openSite({ documents: folder }),
    ]);
    base = site.url("plain", "documents/");
  });
  afterAll(async () => {
    await Promise.all([chromium?.close(), site?.stop()]);
    rmSync(folder, { recursive: true });
  });
  afterEach(() => {
    expect(said).toEqual([]);
    said = [];
  });

  async function newPage(options: PageOptions): Promise<Page> {
    const page = await chromium.newPage({ colorScheme: "light", ...options });
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", ({ message }) => said.push(message));
    return page;
  }

  async function open(address: string, options: PageOptions = { viewport: WIDE }): Promise<Page> {
    const page = await newPage(options);
    await page.goto(base + address);
    return page;
  }

  /** Visits every page on a narrow screen. */
  async function crawl(): Promise<Crawled[]> {
    const waiting = [...addresses];
    const crawled: Crawled[] = [];
    const visitAll = async () => {
      const page = await newPage({ viewport: NARROW });
      for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
        await page.goto(base + address);
        crawled.push({ address, ...(await page.evaluate<Omit<Crawled, "address">>(READ)) });
      }
      await page.close();
    };
    await Promise.all(Array.from({ length: TABS }, visitAll));
    return crawled;
  }

  it("has no broken link, and no page that scrolls sideways on a screen of 360 px", {
    timeout: 60_000,
  }, async () => {
    const crawled = await crawl();
    expect(crawled.length).toBeGreaterThan(90);
    const idsOf = new Map(crawled.map(({ address, ids }) => [address, ids]));
    const leadsSomewhere = (link: string): boolean => {
      const { pathname, hash } = new URL(link);
      const path = decodeURIComponent(pathname).slice(new URL(base).pathname.length);
      const ids = idsOf.get(path);
      if (ids !== undefined) return hash === "" || ids.includes(decodeURIComponent(hash.slice(1)));
      return (NOT_OURS.test(path) || /\.(css|js|svg|png)$/.test(path)) && existsSync(join(folder, path));
    };
    const broken = crawled.flatMap(({ address, links }) =>
      links
        .filter((link) => link.startsWith(new URL(base).origin))
        .filter((link) => !leadsSomewhere(link))
        .map((link) => `${address}: ${link}`),
    );
    expect(broken).toEqual([]);
    const links = crawled.flatMap((page) => page.links).filter((link) => link.startsWith(base));
    expect(links.length).toBeGreaterThan(3_000);
    expect(crawled.filter(({ width }) => width > NARROW.width).map(({ address }) => address)).toEqual([]);
  });

  it("finds Retry-After by keys alone, and leads there", async () => {
    const page = await open("docs/why.html");
    await page.keyboard.press("/");
    await page.keyboard.type("Retry-After");
    await page.waitForFunction("document.querySelector('#results [aria-selected=true]') !== null");
    const found = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#results strong')].map(({ textContent }) => textContent)",
    );
    expect(found[0]).toBe("Guide › Retry-After");
    expect(found.some((title) => title.startsWith("HTTP ›"))).toBe(true);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.waitForFunction("location.pathname.endsWith('/docs/guide.html')");
    await page.waitForFunction("document.readyState === 'complete'");
    const heading = await page.evaluate<{ text: string; top: number }>(`(() => {
      const heading = document.querySelector(location.hash);
      return { text: heading.textContent, top: heading.getBoundingClientRect().top };
    })()`);
    expect(heading.text).toContain("Retry-After");
    expect(heading.top > 0 && heading.top < WIDE.height).toBe(true);
    await page.close();
  });

  it("shows what is found in full width on a narrow screen", async () => {
    const page = await open("index.html", { viewport: NARROW });
    await page.keyboard.press("/");
    await page.keyboard.type("probe");
    await page.waitForFunction("document.querySelector('#results a') !== null");
    const { left, right } = await page.evaluate<{ left: number; right: number }>(
      "document.getElementById('results').getBoundingClientRect().toJSON()",
    );
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(NARROW.width);
    expect(right - left).toBeGreaterThan(300);
    await page.close();
  });

  it("says when nothing is found, and closes its list by Escape", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await page.keyboard.type("xyzzyplugh");
    await page.waitForFunction("document.getElementById('found').textContent !== ''");
    expect(await page.textContent("#found")).toBe("Nothing found for xyzzyplugh");
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.getElementById('results').hidden")).toBe(true);
    await page.close();
  });

  it("orders its navigation as docs/README.md does", async () => {
    const text = readFileSync(join(ROOT, "docs/README.md"), "utf8");
    const groups = text
      .split(/^## /m)
      .slice(1)
      .map((group) => {
        const targets = [...group.matchAll(/\]\(([^)]+)\)/g)].map((found) => posix.join("docs", found[1]!));
        const own = targets.filter((path) => path !== "README.md"); // it is in the group before
        const address = (path: string) =>
          path
            .replace(/README\.md$|\/$/, "/index.html")
            .replace("//", "/")
            .replace(/\.md$/, ".html");
        return [group.split("\n")[0], ...new Set(own.map(address))];
      });
    const page = await open("docs/why.html");
    const shown = await page.evaluate<
      string[][]
    >(`[...document.querySelectorAll("#navigation h2")].map((heading) => [
      heading.textContent,
      ...[...heading.nextElementSibling.querySelectorAll("a")].map(({ href }) => href),
    ])`);
    const ours = shown.map(([title, ...links]) => [
      title,
      ...links.map((link) => link.slice(base.length)).filter((address) => !NOT_OURS.test(address)),
    ]);
    expect(ours.slice(1, -1)).toEqual(groups);
    expect(await page.textContent("#navigation [aria-current]")).toBe("Compared with opossum and cockatiel");
    await page.close();
  });

  it("is light or dark as the system is, until the reader chooses", async () => {
    const background = "getComputedStyle(document.body).backgroundColor";
    const page = await open("index.html", { viewport: WIDE, colorScheme: "dark" });
    const dark = await page.evaluate<string>(background);
    await page.click("#theme");
    expect(await page.textContent("#theme")).toBe("Light");
    const light = await page.evaluate<string>(background);
    expect([dark, light]).toEqual(["rgb(15, 19, 24)", "rgb(255, 255, 255)"]);
    await page.goto(`${base}docs/guide.html`);
    expect(await page.evaluate(background)).toBe(light);
    await page.close();
  });

  it("stops with the Tab key at code that scrolls, and at no other", async () => {
    const page = await open("docs/http.html", { viewport: NARROW });
    const blocks = `[...document.querySelectorAll("pre, .table")].map((block) => [block.scrollWidth > block.clientWidth, block.tabIndex === 0])`;
    await page.waitForFunction(`${blocks}.every(([scrolls, isStop]) => scrolls === isStop)`);
    const all = await page.evaluate<boolean[][]>(blocks);
    const scrolling = all.filter(([scrolls]) => scrolls).length;
    expect([scrolling > 0, scrolling < all.length]).toEqual([true, true]);
    await page.close();
  });

  it("opens the navigation on a narrow screen by a button, and closes it by Escape", async () => {
    const page = await open("docs/guide.html", { viewport: NARROW });
    const seen = (id: string) => page.evaluate<boolean>(`document.getElementById("${id}").checkVisibility()`);
    expect([await seen("navigation"), await seen("content")]).toEqual([false, true]);
    await page.evaluate("document.getElementById('menu').focus()");
    await page.keyboard.press("Enter");
    expect([await seen("navigation"), await seen("content")]).toEqual([true, false]);
    await page.keyboard.press("Escape");
    expect([await seen("navigation"), await seen("content")]).toEqual([false, true]);
    expect(await page.evaluate("document.activeElement.id")).toBe("menu");
    await page.close();
  });
});
