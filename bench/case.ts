/** The program of a case in `npm run bench`. */
import { answerOrders } from "./case-process.ts";
import { BUILD_SECTIONS } from "./sections/builds.ts";

/** A process that measures its own memory loads only the sections that it needs: all others are 20 MB. */
answerOrders(async (name) => {
  if (BUILD_SECTIONS.some((section) => section.name === name)) return BUILD_SECTIONS;
  return (await import("./sections/index.ts")).SECTIONS;
});
