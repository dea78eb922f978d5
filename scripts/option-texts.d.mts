/** See option-texts.mjs. */
export const TEXTS: Readonly<Record<string, object>>;
