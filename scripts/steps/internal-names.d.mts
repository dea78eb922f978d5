export const MEMBERS: readonly string[];
