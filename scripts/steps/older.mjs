/**
 * Declarations in words that TypeScript 5.0 has: what the compiler writes needs 5.7.
 */

/** What `lib.esnext.disposable.d.ts` declares since TypeScript 5.2; the two may stand side by side. */
export const DISPOSABLE = `interface SymbolConstructor {
  readonly dispose: unique symbol;
  readonly asyncDispose: unique symbol;
}
interface Disposable {
  [Symbol.dispose](): void;
}
interface AsyncDisposable {
  [Symbol.asyncDispose](): PromiseLike<void>;
}
`;

/** The text of a declaration file for older compilers. `disposable`: path of a file with the text above. */
export function forOlderCompilers(text, disposable) {
  return (
    text
      // Before 5.7 an import must name the built file.
      .replace(/(\b(?:from|import)\s*\(?\s*"\.[^"]+)\.ts"/g, '$1.js"')
      // Before 5.7 no typed array is generic; the type of `of` is the same since.
      .replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<typeof $1.of>")
      // Before 5.4 there is no NoInfer.
      .replace(/\bNoInfer<(\w+)>/g, "[$1][$1 extends unknown ? 0 : never]")
      // Before 5.2 there is no such library.
      .replace(/^\/\/\/ <reference lib="esnext.disposable".*$/m, `/// <reference path="${disposable}" />`)
  );
}
