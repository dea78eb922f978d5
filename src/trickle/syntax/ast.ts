/** The statements of a source: plain data, not yet checked. Names are as the user wrote them. */

/** A stretch of the source: offsets in UTF-16 units, `end` excluded. */
export interface Span {
  /** Of its first character, from 0. */
  readonly start: number;
  /** Of the first character behind it. */
  readonly end: number;
}

export interface Name {
  readonly text: string;
  readonly at: Span;
}

export type Statement = ConstantsStatement | Define | CreateOperator | CreateStream | SelectStatement;

/** `with name = value, … end` by itself: constants of the whole pipeline, read as `args.name`. */
export interface ConstantsStatement {
  readonly kind: "constants";
  readonly entries: readonly Entry[];
}

/** `define qos::circuit_breaker operator cb …` or `define operator cb from qos::circuit_breaker …` */
export interface Define {
  readonly kind: "define";
  readonly name: Name;
  readonly type: Name;
  readonly args: readonly Argument[];
  readonly options: readonly Entry[];
}

/** A name that `create operator … with` may set; without a value it must. */
export interface Argument {
  readonly name: Name;
  readonly value: Expression | null;
}

/** `name = value` in a list of `with`. */
export interface Entry {
  readonly name: Name;
  readonly value: Expression;
}

export interface CreateOperator {
  readonly kind: "create_operator";
  readonly name: Name;
  /** null: the definition of the same name. */
  readonly definition: Name | null;
  readonly options: readonly Entry[];
}

export interface CreateStream {
  readonly kind: "create_stream";
  readonly name: Name;
}

export interface SelectStatement {
  readonly kind: "select";
  readonly project: Expression;
  readonly from: NodePort;
  readonly where: Expression | null;
  readonly into: NodePort;
  readonly having: Expression | null;
  readonly at: Span;
}

/** `node` or `node/port` */
export interface NodePort {
  readonly node: Name;
  /** null: `out` after `from`, `in` after `into`. */
  readonly port: Name | null;
  readonly at: Span;
}

export type Expression = Literal | Text | List | RecordLiteral | Path | Chain | Compare | Unary | Presence;

export interface Literal {
  readonly kind: "literal";
  readonly value: number | string | boolean | null;
  readonly at: Span;
}

/** A string with at least one interpolated expression. */
export interface Text {
  readonly kind: "text";
  readonly parts: readonly (string | Expression)[];
  readonly at: Span;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Expression[];
  readonly at: Span;
}

export interface RecordLiteral {
  readonly kind: "record";
  readonly fields: readonly { readonly key: Literal | Text; readonly value: Expression }[];
  readonly at: Span;
}

/** `event.a["b"][0]`, `$name`, `args.name`; `$` alone is the whole metadata. */
export interface Path {
  readonly kind: "path";
  readonly root: "event" | "meta" | "args";
  readonly segments: readonly Segment[];
  readonly at: Span;
}

/** `.name` or `[key]`; the key of `.name` is a literal like that of `["name"]`. */
export interface Segment {
  readonly key: Expression;
  readonly at: Span;
}

export type ChainOperator = "or" | "xor" | "and" | "+" | "-" | "*" | "/" | "%";

/**
 * Operands joined by operators of one precedence, evaluated from left to right. A list and not a tree, so that a
 * long one costs no stack.
 */
export interface Chain {
  readonly kind: "chain";
  readonly first: Expression;
  readonly rest: readonly Link[];
  readonly at: Span;
}

export interface Link {
  readonly op: ChainOperator;
  readonly operand: Expression;
  /** Operator and operand. */
  readonly at: Span;
}

export type Comparator = "==" | "!=" | "<" | "<=" | ">" | ">=";

export interface Compare {
  readonly kind: "compare";
  readonly op: Comparator;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: Span;
}

export interface Unary {
  readonly kind: "not" | "negate";
  readonly operand: Expression;
  readonly at: Span;
}

/** `present event.a` (true) or `absent event.a` (false) */
export interface Presence {
  readonly kind: "presence";
  readonly present: boolean;
  readonly path: Path;
  readonly at: Span;
}
