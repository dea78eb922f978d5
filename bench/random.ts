/** The generator of random numbers of a scenario, for everything else that is measured. */
export { Random } from "../src/replay/scenario/random.ts";
