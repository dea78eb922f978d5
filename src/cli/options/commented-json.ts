/**
 * JSON with comments, as editors read it for settings: line comments, block comments, and a comma after the last member.
 * A parser of its own: errors need the line of each key, two equal keys are an error, and a message of `JSON.parse`
 * quotes the file, in which secrets may be.
 */

/** A value, and where its parts stand. */
export interface CommentedJson {
  readonly value: unknown;
  /** "7:3" of the member or element at that path of keys and numbers. Default: the start of the file. */
  placeOf(path: readonly (string | number)[]): string;
}

/** A fault in the text, and its place. */
export class SyntaxFault extends Error {
  override readonly name = "SyntaxFault";
  /** Line and column, such as "7:3". */
  readonly place: string;

  constructor(message: string, place: string) {
    super(message);
    this.place = place;
  }
}

/** Nested values: more is no configuration. */
const DEEPEST = 50;
const BLANKS = /(?:[ \t\r\n\uFEFF]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[a-zA-Z]+/y;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/** @throws SyntaxFault */
export function parseCommentedJson(text: string): CommentedJson {
  return new Parser(text).parse();
}

type Path = readonly (string | number)[];

class Parser {
  readonly #text: string;
  readonly #places = new Map<string, string>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): CommentedJson {
    this.#skip();
    const value = this.#value([]);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#fault("expected the end of the file");
    return { value, placeOf: (path) => this.#places.get(JSON.stringify(path)) ?? "1:1" };
  }

  #value(path: Path): unknown {
    if (path.length > DEEPEST) throw this.#fault(`nested deeper than ${DEEPEST}`);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(path);
      case "[":
        return this.#array(path);
      case '"':
        return this.#string();
    }
    const word = this.#take(WORD);
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word];
    const number = word === undefined ? this.#take(NUMBER) : undefined;
    if (number !== undefined) return Number(number);
    throw this.#fault("expected a value: an object, an array, a string, a number, true, false or null", word);
  }

  #object(path: Path): unknown {
    const members: [string, unknown][] = [];
    this.#each("}", () => {
      const place = this.#place();
      if (this.#text[this.#at] !== '"') throw this.#fault("expected a key in double quotes");
      const key = this.#string();
      if (members.some(([known]) => known === key))
        throw new SyntaxFault(`the key "${key}" is there twice`, place);
      this.#skip();
      this.#expect(":");
      this.#skip();
      this.#places.set(JSON.stringify([...path, key]), place);
      members.push([key, this.#value([...path, key])]);
    });
    return Object.fromEntries(members);
  }

  #array(path: Path): unknown {
    const elements: unknown[] = [];
    this.#each("]", () => {
      this.#places.set(JSON.stringify([...path, elements.length]), this.#place());
      elements.push(this.#value([...path, elements.length]));
    });
    return elements;
  }

  /** What stands between the bracket here and the one that closes it, separated by commas. */
  #each(end: string, read: () => void): void {
    this.#at++;
    this.#skip();
    while (this.#text[this.#at] !== end) {
      read();
      this.#skip();
      if (this.#text[this.#at] === end) break;
      this.#expect(",", ` or ${end}`);
      this.#skip();
    }
    this.#at++;
  }

  #string(): string {
    const from = this.#at;
    try {
      return JSON.parse(this.#take(STRING) ?? "") as string;
    } catch {
      this.#at = from;
      throw this.#fault("this string has no end in its line, or a wrong character or escape in it");
    }
  }

  #skip(): void {
    this.#take(BLANKS);
    if (this.#text.startsWith("/*", this.#at)) throw this.#fault("this comment has no end");
  }

  #expect(sign: string, others = ""): void {
    if (this.#text[this.#at] !== sign) throw this.#fault(`expected ${sign}${others}`);
    this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** @param taken what was read already and is at fault */
  #fault(message: string, taken = ""): SyntaxFault {
    this.#at -= taken.length;
    return new SyntaxFault(
      this.#at < this.#text.length ? message : `${message}, but the file ends`,
      this.#place(),
    );
  }

  #place(): string {
    const before = this.#text.slice(0, this.#at).split("\n");
    return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  }
}
