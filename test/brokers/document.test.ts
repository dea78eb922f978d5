/** The program of docs/brokers.md, against the server that it names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "redis";
import { expect, it } from "vitest";
import { blocksOf, outputsOf } from "../readme/programs.ts";
import { isInstalled, startRedis } from "./support/servers.ts";

const [PROGRAM] = blocksOf(readFileSync(join(import.meta.dirname, "../../docs/brokers.md"), "utf8"), "js");

it.skipIf(!isInstalled("redis-server"))(
  "the program with Redis ships what is in its stream",
  async () => {
    const server = await startRedis();
    try {
      const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
      await client.connect();
      for (let n = 0; n < 3; n++) await client.xAdd("orders", "*", { data: `{"n":${n}}` });
      const program = PROGRAM!.replaceAll("localhost:6379", `127.0.0.1:${server.port}`);
      expect(outputsOf("docs-brokers-md", [program])).toEqual(["3\n"]);
      expect(await client.xLen("shipped")).toBe(3);
      client.destroy();
    } finally {
      await server.end();
    }
  },
  60_000,
);
