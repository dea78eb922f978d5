/**
 * Takes screenshots of the dashboard: `node scripts/dashboard/screenshots.mjs [FOLDER]`, after a build and after the tests in
 * Chromium have installed it. Ten minutes of traffic are simulated, in which some endpoints fail. The default folder is
 * docs/images, where only the picture of docs/dashboard.md is put.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import FakeTimers from "@sinonjs/fake-timers";
import { dashboard, nodeListener } from "../../dist/esm/dashboard.js";
import { ROOT } from "../steps/root.mjs";
import { openBrowser } from "./browser.mjs";
import { createScene, errorOf, run } from "./scene.mjs";

const HISTORY_MS = 600_000;
const OUTAGE = "payments.eu-west-1";

/** What fails when, in seconds before the end. */
const PLOT = [
  [
    520,
    (scene) =>
      scene.fail("images.us-east-1", 0.08, errorOf("ERR_BODY", "the body broke off after 18,432 bytes")),
  ],
  [430, (scene) => scene.fail(OUTAGE, 0.35, errorOf("ECONNRESET", "read ECONNRESET"))],
  [330, (scene) => scene.fail(OUTAGE, 0.004)],
  [300, (scene) => scene.registry.get("sms.ap-south-1").forceOpen()],
  [240, (scene) => scene.registry.get("fraud.us-west-2").shadow()],
  [200, (scene) => scene.registry.get("exports.eu-west-1").disable()],
  [
    95,
    (scene) => scene.fail("search.us-east-1", 0.9, errorOf("ETIMEDOUT", "connect ETIMEDOUT 10.4.0.17:443")),
  ],
  [70, (scene) => scene.fail("geo.eu-central-1", 1, errorOf("HTTP_503", "status 503"))],
  [58, (scene) => scene.fail("geo.eu-central-1", 0)],
  [48, (scene) => scene.fail(OUTAGE, 0.97, errorOf("ECONNREFUSED", "connect ECONNREFUSED 10.4.1.9:8443"))],
];

const SHOTS = [
  { name: "dashboard", width: 1280, height: 760, scheme: "light", hash: `#/${OUTAGE}` },
  { name: "dark", width: 1440, height: 860, scheme: "dark", hash: `#/${OUTAGE}` },
  { name: "overview-light", width: 1440, height: 860, scheme: "light", hash: "" },
  { name: "overview-dark", width: 1440, height: 860, scheme: "dark", hash: "" },
  { name: "narrow-overview", width: 375, height: 812, scheme: "light", hash: "" },
  { name: "narrow-breaker", width: 375, height: 812, scheme: "dark", hash: `#/${OUTAGE}`, isWhole: true },
  { name: "breaker-whole", width: 1440, height: 1500, scheme: "light", hash: `#/${OUTAGE}` },
  { name: "laptop", width: 1100, height: 720, scheme: "light", hash: `#/geo.eu-central-1` },
];

/** Ten minutes of the scene in a moment: the clock begins ten minutes ago. */
function simulate() {
  const clock = FakeTimers.install({
    now: Date.now() - HISTORY_MS,
    toFake: ["Date", "setInterval", "clearInterval", "setTimeout", "clearTimeout"],
  });
  const scene = createScene({ clock: () => Date.now() });
  const handler = dashboard(scene.registry, {
    title: "Shop",
    controls: true,
    history: "always",
    latency: scene.latency,
  });
  const plot = [...PLOT];
  for (let leftMs = HISTORY_MS; leftMs > 0; leftMs -= 100) {
    while (plot.length > 0 && leftMs <= plot[0][0] * 1_000) plot.shift()[1](scene);
    scene.step();
    clock.tick(100);
  }
  const endMs = Date.now();
  clock.uninstall();
  // The simulation took a while, which would be a gap.
  const realNow = Date.now;
  const lagMs = realNow() - endMs;
  Date.now = () => realNow() - lagMs;
  return { scene, handler };
}

async function main(folder) {
  const browser = await openBrowser(); // before the simulation: no time passes after it
  const { scene, handler } = simulate();
  const stop = run(scene);
  const server = createServer(nodeListener(handler)).listen(0, "127.0.0.1");
  await once(server, "listening");
  // Somebody is connected all the time, so that there is no gap.
  const watching = await fetch(`http://127.0.0.1:${server.address().port}/stream`);
  watching.body.pipeTo(new WritableStream()).catch(() => {}); // until the server ends
  for (const { name, width, height, scheme, hash, isWhole = false } of SHOTS) {
    if (folder === undefined && name !== "dashboard") continue;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
    page.on("console", (message) => console.error(`${name}: ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => console.error(`${name}: ${error}`));
    await page.goto(`http://127.0.0.1:${server.address().port}/breakers/${hash}`);
    await page.waitForTimeout(3_500);
    const path = join(folder ?? join(ROOT, "docs/images"), `${name}.png`);
    await page.screenshot({ path, fullPage: isWhole });
    console.log(path);
    await page.close();
  }
  await browser.close();
  stop();
  handler.close();
  server.close();
  server.closeAllConnections();
}

await main(process.argv[2]);
