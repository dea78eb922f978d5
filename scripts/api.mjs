/**
 * The public API of every entry as text, from the declarations in dist/types: docs/reference/api/, one file for each entry. A test
 * compares, so that a change of the API is a difference in review. Comments, private members and members whose names begin with
 * an underscore are left out. A declaration is written once, in the file of the first entry that exports it.
 *
 *   npm run build && npm run api
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "rolldown/utils";
import { ENTRIES } from "./entries.mjs";
import { ROOT } from "./steps/root.mjs";

export const REPORTS = join(ROOT, "docs/reference/api");

/** The report of every entry of the package, by the name of its file. */
export function packageReports() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const entries = Object.keys(ENTRIES).map((subpath) => {
    const { types } = exports[subpath].default;
    return [`bluesmoke${subpath.slice(1)}`, join(ROOT, types)];
  });
  return reportsOf(new Map(entries));
}

/**
 * @param entries declaration files by the names of their entries.
 * @returns texts by file name, in the order of the entries.
 */
export function reportsOf(entries) {
  const modules = new Modules();
  const owners = new Map(); // of declarations: the entry that writes them
  const exported = new Map();
  for (const [entry, path] of entries) {
    const names = [...modules.exportsOf(path)].sort(([a], [b]) => compare(a, b));
    exported.set(entry, names);
    for (const [, id] of names) if (!owners.has(id)) owners.set(id, entry);
  }
  const reports = new Map();
  for (const [entry] of entries) reports.set(fileOf(entry), reportOf(entry, exported, owners, modules));
  return reports;
}

function fileOf(entry) {
  return `${entry.replaceAll("/", "-")}.txt`;
}

function reportOf(entry, exported, owners, modules) {
  const names = exported.get(entry);
  const own = names.filter(([, id]) => owners.get(id) === entry);
  const others = names.filter(([, id]) => owners.get(id) !== entry);
  const hidden = hiddenOf(
    own.map(([, id]) => id),
    owners,
    modules,
  );
  for (const id of hidden) owners.set(id, entry);
  const sections = [`# ${entry}\n`];
  for (const [name, id] of own) sections.push(`${aliasOf(name, id)}${modules.textOf(id)}\n`);
  if (others.length > 0) {
    const lines = others.map(([name, id]) => `${name}: ${owners.get(id)}\n`);
    sections.push("# exported here, written in the report of another entry\n", lines.join(""));
  }
  if (hidden.length > 0) sections.push("# not exported, part of the types above\n");
  for (const id of hidden) sections.push(`${modules.textOf(id)}\n`);
  return sections.join("\n");
}

function aliasOf(name, id) {
  const local = id.slice(id.indexOf("#") + 1);
  return name === local ? "" : `export { ${local} as ${name} }\n`;
}

/** Declarations that no entry exports, but which exported ones need, in the order of their names. */
function hiddenOf(roots, owners, modules) {
  const found = new Set();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of modules.referencesOf(id)) {
      if (owners.has(next) || found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  const nameOf = (id) => id.slice(id.indexOf("#") + 1);
  return [...found].sort((a, b) => compare(nameOf(a), nameOf(b)) || compare(a, b));
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Declaration files that were read. A declaration is `FILE#NAME`. */
class Modules {
  #files = new Map();

  /** Declarations by the names that a file exports, also from other files. */
  exportsOf(path) {
    const { exports, stars } = this.#read(path);
    const found = new Map();
    for (const star of stars) for (const [name, id] of this.exportsOf(star)) found.set(name, id);
    found.delete("default");
    for (const [name, { file, local }] of exports) found.set(name, this.#resolve(file, local));
    return found;
  }

  /** Its text without comments and without what is not public. */
  textOf(id) {
    const { text, comments, nodes } = this.#declaration(id);
    return nodes.map((node) => clean(text, node, comments)).join("\n");
  }

  /** Declarations of the package that it names. */
  referencesOf(id) {
    const { path, nodes } = this.#declaration(id);
    const names = new Set();
    for (const node of nodes) collectNames(node, names);
    return [...names].flatMap((name) => this.#find(path, name) ?? []);
  }

  #declaration(id) {
    const at = id.indexOf("#");
    const file = this.#read(id.slice(0, at));
    return { ...file, nodes: file.declarations.get(id.slice(at + 1)) };
  }

  /** Undefined: of another package, or of the language. */
  #find(path, name) {
    const { declarations, imports } = this.#read(path);
    if (declarations.has(name)) return `${path}#${name}`;
    const target = imports.get(name);
    return target?.file === undefined ? undefined : this.#resolve(target.file, target.local, true);
  }

  /** @param isExported whether the name is one that the file exports, rather than one inside of it. */
  #resolve(path, name, isExported = false) {
    if (isExported) {
      const id = this.exportsOf(path).get(name);
      if (id === undefined) throw new Error(`${path} exports no ${name}`);
      return id;
    }
    const id = this.#find(path, name);
    if (id === undefined) throw new Error(`${path} declares no ${name}`);
    return id;
  }

  #read(path) {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = readModule(path);
    this.#files.set(path, file);
    return file;
  }
}

function readModule(path) {
  const text = readFileSync(path, "utf8");
  const { program, comments, errors } = parseSync(path, text, { lang: "dts" });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const file = {
    path,
    text,
    comments,
    declarations: new Map(),
    imports: new Map(),
    exports: new Map(),
    stars: [],
  };
  for (const node of program.body) readStatement(file, node);
  return file;
}

function readStatement(file, node) {
  const { path, exports, imports, stars } = file;
  const target =
    node.source === undefined || node.source === null ? undefined : fileNamed(path, node.source.value);
  if (node.type === "ImportDeclaration") {
    for (const { local, imported } of node.specifiers) {
      imports.set(local.name, { file: target, local: imported?.name ?? "default" });
    }
  } else if (node.type === "ExportAllDeclaration") {
    if (node.exported !== null || target === undefined) throw new Error(`${path}: export * of this kind`);
    stars.push(target);
  } else if (node.type === "ExportNamedDeclaration" && node.declaration === null) {
    for (const { local, exported } of node.specifiers) {
      if (target !== undefined) imports.set(`${exported.name} from`, { file: target, local: local.name });
      const name = target === undefined ? local.name : `${exported.name} from`;
      exports.set(exported.name, { file: path, local: name });
    }
  } else if (node.type === "ExportDefaultDeclaration") {
    exports.set("default", {
      file: path,
      local: node.declaration.name ?? declare(file, node, node.declaration),
    });
  } else if (node.type === "ExportNamedDeclaration") {
    for (const name of declare(file, node, node.declaration)) exports.set(name, { file: path, local: name });
  } else declare(file, node, node);
}

/** The names that were declared. Overloads, and a class with a namespace, are one declaration. */
function declare({ declarations }, statement, declaration) {
  const identifiers =
    declaration.declarations?.map(({ id }) => id) ?? (declaration.id ? [declaration.id] : []);
  for (const { name } of identifiers) {
    declarations.set(name, [...(declarations.get(name) ?? []), statement]);
  }
  return identifiers.map(({ name }) => name);
}

/** Undefined for a package. */
function fileNamed(path, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  return resolve(dirname(path), specifier.replace(/\.js$/, ".d.ts"));
}

/** Names of types and values that a declaration refers to. */
function collectNames(node, names) {
  if (Array.isArray(node)) {
    for (const one of node) collectNames(one, names);
    return;
  }
  if (node === null || typeof node !== "object" || isPrivate(node)) return;
  const named = node.typeName ?? node.exprName ?? node.superClass ?? heritageOf(node);
  if (named) names.add(leftmost(named));
  if (node.type === "ExportSpecifier") names.add(node.local.name);
  for (const value of Object.values(node)) collectNames(value, names);
}

function heritageOf({ type, expression }) {
  return type === "TSClassImplements" || type === "TSInterfaceHeritage" ? expression : undefined;
}

function leftmost(node) {
  return node.left ? leftmost(node.left) : node.object ? leftmost(node.object) : node.name;
}

function isPrivate({ key, accessibility }) {
  return (
    accessibility === "private" ||
    (key !== undefined && (key?.type === "PrivateIdentifier" || key?.name?.startsWith("_") === true))
  );
}

/** Ranges of private members in a declaration. */
function privateRanges(node, ranges) {
  if (node === null || typeof node !== "object") return;
  if (isPrivate(node)) ranges.push(node);
  else for (const value of Object.values(node)) privateRanges(value, ranges);
}

function clean(text, node, comments) {
  const cuts = comments.filter(({ start, end }) => start >= node.start && end <= node.end);
  privateRanges(node, cuts);
  cuts.sort((a, b) => a.start - b.start);
  let at = node.start;
  let result = "";
  for (const { start, end } of cuts) {
    result += text.slice(at, Math.max(start, at));
    at = Math.max(text[end] === " " ? end + 1 : end, at);
  }
  result += text.slice(at, node.end);
  return result
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "" && line.trim() !== ";")
    .join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  for (const [file, text] of packageReports()) writeFileSync(join(REPORTS, file), text);
}
