import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Examples import the package by its name: here that is the sources, not what was built of them. */
const SOURCES = {
  "bluesmoke/flow/testing": "src/flow/testing/index.ts",
  "bluesmoke/flow": "src/flow/index.ts",
  "bluesmoke/trickle": "src/trickle/index.ts",
  "bluesmoke/connect": "src/connect/index.ts",
  "bluesmoke/embed": "src/embed/index.ts",
};

export default defineConfig({
  resolve: {
    alias: Object.entries(SOURCES).map(([find, path]) => ({
      find,
      replacement: join(import.meta.dirname, path),
    })),
  },
  test: {
    testTimeout: 30_000,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "house",
          include: ["test/**/*.test.ts"],
          exclude: ["test/runtimes/**"],
          globalSetup: ["test/setup.ts"],
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
