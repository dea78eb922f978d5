/** Graphs in the language of Mermaid (https://mermaid.js.org/syntax/flowchart.html). */
import type { Blueprint, BlueprintLink, BlueprintNode, InnerNode } from "../../trickle/check/lower.ts";
import { printable } from "../base/printable.ts";

/** Characters of an expression that are shown. */
const SHOWN_CHARACTERS = 60;

/** A node for each node, in the order of the pipeline, and a line for each link, with the ports that it joins. */
export function flowchart({ nodes, links }: Blueprint): string {
  const numbered = new Map(nodes.map((node, number) => [node.name, { node, id: `n${number}` }]));
  const drawn = nodes.map((node) => `${idOf(node.name, numbered)}${shape(node, links)}`);
  const lines = links.map((link) => line(link, numbered));
  return ["flowchart LR", ...[...drawn, ...lines].map((text) => `  ${text}`), ""].join("\n");
}

/** Names come from the user: the text of the diagram numbers the nodes instead. */
type Numbered = ReadonlyMap<string, { readonly node: BlueprintNode; readonly id: string }>;

function idOf(name: string, numbered: Numbered): string {
  return numbered.get(name)?.id ?? "";
}

/** Ends are round, streams rounded, selects hexagons, operators boxes. */
function shape(node: BlueprintNode, links: readonly BlueprintLink[]): string {
  switch (node.kind) {
    case "input":
    case "output":
      return `([${label([node.name])}])`;
    case "stream":
      return `(${label([node.name, node.type])})`;
    case "select":
      return `{{${label(node.clauses.map(({ word, text }) => `${word} ${excerpt(text)}`))}}}`;
    case "operator":
      return `[${label([node.name, node.type, ...unread(node, links)])}]`;
  }
}

/** Ports that lead nowhere cannot be drawn as lines. */
function unread({ name, outputs }: InnerNode, links: readonly BlueprintLink[]): readonly string[] {
  const read = links.filter(({ from }) => from.node === name).map(({ from }) => from.port);
  const ports = outputs.filter((port) => !read.includes(port));
  return ports.length === 0 ? [] : [`not read: ${ports.join(", ")}`];
}

function line({ from, to, implied }: BlueprintLink, numbered: Numbered): string {
  const ports = [
    ...(tells(numbered.get(from.node)?.node, from.port, "out") ? [from.port] : []),
    ...(tells(numbered.get(to.node)?.node, to.port, "in") ? [to.port] : []),
  ];
  const arrow = implied ? "-.->" : "-->";
  const text = ports.length === 0 ? "" : `|${label([ports.join(" → ")])}|`;
  return `${idOf(from.node, numbered)} ${arrow}${text} ${idOf(to.node, numbered)}`;
}

/** The ends have one port each; a stream and a select have one for all that goes as planned. */
function tells(node: BlueprintNode | undefined, port: string, usual: string): boolean {
  if (node?.kind === "operator") return true;
  return (node?.kind === "stream" || node?.kind === "select") && port !== usual;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

function label(lines: readonly string[]): string {
  return `"${lines.map(escaped).join("<br/>")}"`;
}

/** Words that Mermaid looks for in the whole text of a diagram, quotes or not. */
const SEARCHED = /style|classDef/g;

/** Letters and harmless signs stay; everything else, from quotes to directives (`%%{`), becomes a code. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[^\p{L}\p{M}\p{N} _.,:/=+*()[\]$!?→…-]/gu, code)
    .replace(SEARCHED, (word) => code(word.slice(0, 1)) + word.slice(1));
}

function code(character: string): string {
  return `#${character.codePointAt(0)};`;
}
