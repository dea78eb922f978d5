/** A cross-origin isolated page in a headless Chromium, on which each case has a worker of its own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Chromium, launchChromium, type Page } from "../../test/runtimes/chromium/engine.ts";
import { installRuntimes } from "../../test/runtimes/installer.ts";
import { ROOT } from "../root.ts";
import type { WorkerChannel } from "../worker-channel.ts";
import type { Answer, Assignment } from "../worker-protocol.ts";

const RUNTIMES = join(ROOT, "test", "runtimes");
/** run.mjs has compiled them. */
const SCRIPTS = ["page.js", "case.js", "thread.js"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
/** Without them there are no threads, and clocks are twenty times coarser. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Where cases are measured. */
export class IsolatedPage {
  /** Name and version of the browser. */
  readonly browser: string;
  readonly #chromium: Chromium;
  readonly #page: Page;
  readonly #close: () => void;
  #workers = 0;

  private constructor(chromium: Chromium, page: Page, close: () => void) {
    this.browser = `Chromium ${chromium.version()}`;
    this.#chromium = chromium;
    this.#page = page;
    this.#close = close;
  }

  /** Installs Chromium unless it is there. @throws Error when it cannot run here */
  static async open(): Promise<IsolatedPage> {
    await installRuntimes(RUNTIMES);
    const { url, close } = await serve(await bundle());
    try {
      const chromium = await launchChromium(RUNTIMES);
      const page = await chromium.newPage();
      await page.goto(url);
      return new IsolatedPage(chromium, page, close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /** See `StartWorker`. */
  readonly startWorker = (assignment: Assignment): WorkerChannel => {
    const number = this.#workers++;
    return {
      ready: this.#call("start", number, assignment),
      send: (order) => this.#call("ask", number, order),
      end: () => void this.#call("end", number).catch(() => {}), // the page may be gone
    };
  };

  /** Ends Chromium with all workers. */
  async close(): Promise<void> {
    await this.#chromium.close();
    this.#close();
  }

  #call(task: string, ...values: readonly unknown[]): Promise<Answer> {
    return this.#page.evaluate(
      `import("/page.js").then(({ ${task} }) => ${task}(...${JSON.stringify(values)}))`,
    );
  }
}

/** The scripts by their paths, each with all that it imports: import maps do not reach workers. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: SCRIPTS,
    bundle: true,
    format: "esm",
    write: false,
    outdir: "/",
  });
  return new Map(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]));
}

async function serve(scripts: ReadonlyMap<string, string>): Promise<{ url: string; close: () => void }> {
  const server = createServer(({ url = "/" }, response) => {
    const script = scripts.get(url);
    response.writeHead(200, {
      ...ISOLATION,
      "content-type": script === undefined ? "text/html" : "text/javascript",
    });
    response.end(script ?? "<!doctype html><link rel=icon href=data:,><title>benchmark</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/`, close };
}
