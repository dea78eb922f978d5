/** What a replay cannot know: printed with every result. */

export const RECORDED_LIMIT =
  "Limit: a call that would have been refused keeps the outcome that was recorded, and how the endpoint reacts to less load is " +
  "in no trace. Calls that were refused when they were recorded have no outcome.";

export const SIMULATED_LIMIT =
  "Simulated: outcomes above the capacity of the model, of refused calls too, are computed and were not recorded.";
