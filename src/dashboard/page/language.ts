/**
 * Imported before uPlot, which hands `navigator.language` to `Intl` when it is loaded: in a Chromium that runs without a language,
 * such as one for a display on a wall, that is "en-US@posix", and `Intl` throws.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
