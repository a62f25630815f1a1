// Validates NDJSON cases against the schemas: node check_schema.mjs SCHEMA_DIRECTORY CASES
// A case: {"name":..,"schema":"dm.mo.change.v1","good":true,"instance":..}. Prints one line per case that comes out otherwise.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const require = createRequire(path.join(process.cwd(), "package.json"));
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const [directory, cases] = process.argv.slice(2);
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
addFormats(ajv);
const validators = new Map();
for (const name of ["dm.mo.change.v1", "dm.mo.status.v1", "dm.card.state.v1"]) {
  validators.set(name, ajv.compile(JSON.parse(readFileSync(path.join(directory, `${name}.json`), "utf8"))));
}

let checked = 0;
for (const line of readFileSync(cases, "utf8").split("\n").filter((text) => text !== "")) {
  const { name, schema, good, instance } = JSON.parse(line);
  const validate = validators.get(schema);
  const valid = validate(instance);
  ++checked;
  if (valid !== good) console.log(`${name}: ${valid ? "was accepted" : ajv.errorsText(validate.errors)}`);
}
console.log(`checked ${checked}`);
