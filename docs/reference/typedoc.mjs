/**
 * How the reference of the API is built, and what of it must be documented: everything that an entry exports.
 * A warning is an error: an export without a comment, a type that is used but not exported, a link that leads nowhere.
 */
import { readFileSync } from "node:fs";
import { outputs } from "../../scripts/entries.mjs";

const ROOT = new URL("../../", import.meta.url);

/**
 * The source of each entry of the package. The default stands for all conditions: they change how the core arrives, and not
 * what is exported.
 */
function entryPoints() {
  return outputs()
    .filter(({ condition }) => condition === "default")
    .map(({ source }) => `../../${source}`);
}

/** The schemas as they are in schemas/. Each says itself what its parts mean, so that nobody comments them a second time. */
const SCHEMAS = {
  BREAKER_CLOUD_EVENT_SCHEMA: "breaker-cloud-event",
  BREAKER_EVENT_SCHEMA: "breaker-event",
  INSIGHT_SCHEMA: "insight",
  SIGNAL_SCHEMA: "signal",
};

/** The names that typedoc gives to the parts of a schema. */
function partsOfSchemas() {
  return Object.entries(SCHEMAS).flatMap(([constant, file]) => {
    const schema = JSON.parse(readFileSync(new URL(`schemas/${file}.schema.json`, ROOT), "utf8"));
    return partsOf(`bluesmoke/flow.${constant}`, schema);
  });
}

function partsOf(name, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const path = `${name}.__type.${key}`;
    return [path, ...partsOf(path, part)];
  });
}

/** @type {Partial<import("typedoc").TypeDocOptions>} */
const config = {
  name: "bluesmoke",
  entryPoints: entryPoints(),
  tsconfig: "../../tsconfig.build.json",
  out: "../../build/reference",
  readme: "none",
  // Links to lines of the sources need a public repository, and which remote a clone has is nobody's business here.
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true, // what a class has of Node
  excludePrivate: true,
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
  // What `SchemaType` looks for in a schema, which JSON Schema says.
  intentionallyNotDocumented: [
    ...["enum", "properties", "required", "type"].map((key) => `bluesmoke/flow.SchemaType.__type.${key}`),
    ...partsOfSchemas(),
  ],
};

// biome-ignore lint/style/noDefaultExport: typedoc asks for it
export default config;
