import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { outputs } from "./scripts/entries.mjs";

/** Examples import the package by its name: in tests that is its sources. */
const SOURCES = outputs()
  .filter(({ condition }) => condition === "default")
  .map(({ subpath, source }) => ({
    find: new RegExp(`^bluesmoke${subpath.slice(1)}$`),
    replacement: join(import.meta.dirname, source),
  }));

export default defineConfig({
  resolve: {
    alias: SOURCES,
  },
  test: {
    testTimeout: 30_000,
    pool: "forks",
    maxWorkers: availableParallelism(), // the default leaves one core idle
    projects: [
      {
        extends: true,
        test: {
          name: "main",
          include: ["test/**/*.test.ts"],
          exclude: ["test/runtimes/**", "test/consumers/**"],
          globalSetup: ["test/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "consumers",
          include: ["test/consumers/*.test.ts"],
          testTimeout: 120_000, // compilers and test runners start in them
          globalSetup: ["test/consumers/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "runtimes",
          include: ["test/runtimes/*/*.test.ts"],
          exclude: ["**/node_modules/**"],
          hookTimeout: 60_000, // a browser starts in them, and apps are built
          // Only when tests of this project are among those that run.
          globalSetup: ["test/runtimes/setup.ts"],
        },
      },
    ],
  },
});
