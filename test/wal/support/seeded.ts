/** Random numbers from 0 to 1 that are the same for each seed. */
export { randomOf as seeded } from "../kill/plan.ts";
