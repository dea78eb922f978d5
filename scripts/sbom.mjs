/**
 * The software bill of materials of the package, as CycloneDX JSON on stdout: `npm sbom`, reduced to the packages that are bundled
 * into the command and into the page of the dashboard. The package has no other dependencies; a program installs the peers that it
 * uses. Without a serial number and a time: the same sources give the same text.
 *
 *   npm run build && npm run --silent sbom > bluesmoke.cdx.json
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./steps/root.mjs";

/** `NAME@VERSION` of each bundled package, as dist/cli/THIRD-PARTY-LICENSES.txt names them. */
function bundled() {
  const licences = readFileSync(join(ROOT, "dist/cli/THIRD-PARTY-LICENSES.txt"), "utf8");
  const found = licences.matchAll(/^-{80}\n\n(\S+) (\S+) \(.*\)$/gm);
  return new Set([...found].map(([, name, version]) => `${name}@${version}`));
}

const parameters = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
const whole = JSON.parse(
  execFileSync("npm", parameters, { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }),
);
const packages = bundled();
const components = whole.components
  .filter((one) => packages.delete(`${one.name}@${one.version}`))
  .map((one) => ({ ...one, scope: "required", properties: [] })); // npm says: development
if (packages.size > 0) throw new Error(`not in package-lock.json: ${[...packages].join(", ")}`);
const { component } = whole.metadata;
component.name = "bluesmoke"; // npm takes that of the folder
const dependencies = [{ ref: component["bom-ref"], dependsOn: components.map((one) => one["bom-ref"]) }];
const bill = { ...whole, components, dependencies };
delete bill.serialNumber;
delete bill.metadata.timestamp;
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
