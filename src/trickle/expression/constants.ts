/** Named constants: the value of `args.name`, and where it was written. */
import type { Entry, Expression, Path, Span } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { oneOf, suggest } from "../syntax/suggest.ts";
import { constantOf, onlyConstantIn } from "./free-variables.ts";

/** A value in the text: that of an entry, a field of a record, an item of a list. */
export interface WrittenValue {
  /** Where it begins: the name, the key, or the value itself. */
  readonly from: Span;
  readonly value: Expression;
}

interface Constant {
  readonly entry: Entry;
  readonly value: unknown;
}

/** The constants of the pipeline, or the arguments of one operator and, behind them, those of the pipeline. */
export class Constants {
  readonly #own = new Map<string, Constant>();
  readonly #outer: Constants | undefined;

  /** @param outer where a name is looked up that is not defined here. Default: nowhere */
  constructor(outer?: Constants) {
    this.#outer = outer;
  }

  /** The constants that the values of these can read: the outer ones, or those that were defined before. */
  get seen(): Constants {
    return this.#outer ?? this;
  }

  /** Gives a name a value, and remembers where it was written. */
  define(entry: Entry, value: unknown): void {
    this.#own.set(entry.name.text, { entry, value });
  }

  /** The value of the constant in `args.name`. Throws a TrickleError where there is none of that name. */
  valueOf(path: Path, source: SourceText): unknown {
    const name = constantOf(path);
    if (name === undefined) {
      throw new TrickleError(source, path.at, "`args` needs the name of a constant", {
        hint: "write `args.name`",
      });
    }
    const constant = this.#find(name);
    if (constant === undefined) throw this.#unknown(name, path, source);
    return constant.value;
  }

  /**
   * Where a value comes from: that of `args.name` was written where the name got it. A value that is computed from one
   * argument is traced to it as well: the author of the argument does not see the formula.
   */
  originOf(written: WrittenValue): WrittenValue {
    let found = written;
    let scope: Constants | undefined = this;
    while (scope !== undefined) {
      const isGiven = found.value.kind === "path" || scope.#outer !== undefined;
      const name = isGiven ? onlyConstantIn(found.value) : undefined;
      if (name === undefined) break;
      const entry: Entry | undefined = scope.#own.get(name)?.entry;
      if (entry !== undefined) found = { from: entry.name.at, value: entry.value };
      if (entry === undefined || scope.#outer !== undefined) scope = scope.#outer;
    }
    return found;
  }

  #find(name: string): Constant | undefined {
    const constant = this.#own.get(name);
    if (constant !== undefined || this.#outer === undefined) return constant;
    return this.#outer.#find(name);
  }

  #names(): readonly string[] {
    return [...this.#own.keys(), ...(this.#outer === undefined ? [] : this.#outer.#names())];
  }

  #unknown(name: string, path: Path, source: SourceText): TrickleError {
    const known = this.#names();
    return new TrickleError(source, path.at, `there is no constant \`${name}\``, {
      expected: known.length === 0 ? undefined : oneOf(known),
      hint: suggest(name, known) ?? `\`with ${name} = … end;\` defines it for the whole pipeline`,
    });
  }
}
