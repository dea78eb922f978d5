/** The program of a case in compare-builds.mjs. */
import { answerOrders } from "./case-process.ts";
import { BUILD_SECTIONS } from "./sections/builds.ts";

answerOrders(async () => BUILD_SECTIONS);
