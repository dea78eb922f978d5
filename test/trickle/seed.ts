/** The seed of all random tests here: `BLUESMOKE_SEED=… npx vitest run test/trickle` runs the same cases again. */
export const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
