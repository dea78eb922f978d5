/** The programs of docs/fleet.md, against the servers that they name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isInstalled, startNats, startRedis } from "../brokers/support/servers.ts";
import { blocksOf, outputsOf } from "../readme/programs.ts";

const PROGRAMS = blocksOf(readFileSync(join(import.meta.dirname, "../../docs/fleet.md"), "utf8"), "js");

it.skipIf(!isInstalled("redis-server"))(
  "the program with Redis prints what it says",
  async () => {
    const server = await startRedis();
    try {
      const program = PROGRAMS[0]!.replace("localhost:6379", `127.0.0.1:${server.port}`);
      expect(outputsOf("docs-fleet-md-redis", [program])).toEqual(["open\n"]);
    } finally {
      await server.end();
    }
  },
  60_000,
);

it.skipIf(!isInstalled("nats-server"))(
  "the program with NATS prints what it says",
  async () => {
    const server = await startNats();
    try {
      const program = PROGRAMS[1]!.replace("localhost:4222", `127.0.0.1:${server.port}`);
      expect(outputsOf("docs-fleet-md-nats", [program])).toEqual(["0\n"]);
    } finally {
      await server.end();
    }
  },
  60_000,
);
