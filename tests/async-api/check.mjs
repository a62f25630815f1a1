// node check.mjs SOURCE_DIRECTORY [--write]: docs/api/asyncapi.yaml by the official parser, its channels against the program's topics, its
// examples against their schemas, and asyncapi.json against the document that it is made of. A line per fault; exit code 1 if there are any.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { Parser } = require("@asyncapi/parser");
const YAML = require("yaml");
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const [source, write] = process.argv.slice(2);
const { bundled } = await import(pathToFileURL(path.join(source, "tests/async-api/bundle.mjs")));
const faults = [];
const folder = path.join(source, "docs/api");
const text = readFileSync(path.join(folder, "asyncapi.yaml"), "utf8");
const document = YAML.parse(text);
const whole = bundled(document, folder);

async function parse(name, content) {
  const { document: read, diagnostics } = await new Parser().parse(content, { source: path.join(folder, name) });
  const errors = 0, warnings = 1;
  for (const one of diagnostics.filter((each) => each.severity === errors || each.severity === warnings))
    faults.push(`${name}: ${one.path.join(".")}: ${one.message}`);
  return read;
}
await parse("asyncapi.yaml", text);
const read = await parse("asyncapi.json", JSON.stringify(whole));

const said = [...readFileSync(path.join(source, "queue/event_sink.hpp"), "utf8").matchAll(/topic_\w+ = "([^"]+)"/g)].map((each) => each[1]);
const told = read ? read.channels().all().map((each) => each.address()) : [];
if (said.length !== 4 || [...said].sort().join() !== [...told].sort().join()) faults.push(`channels ${told} and topics ${said} differ`);

const ajv = new Ajv({ strict: false });
addFormats(ajv);
ajv.addSchema({ $id: "whole", ...whole });
let examples = 0;
for (const [name, message] of Object.entries(whole.components.messages)) {
  const validate = ajv.compile({ $ref: `whole${message.payload.$ref}` });
  for (const example of message.examples ?? []) {
    ++examples;
    if (!validate(example.payload)) faults.push(`example of ${name}: ${ajv.errorsText(validate.errors)}`);
  }
}
if (examples === 0) faults.push("no examples");

const served = `${JSON.stringify(whole, null, 1)}\n`;
const file = path.join(folder, "asyncapi.json");
if (write === "--write") writeFileSync(file, served);
else if (readFileSync(file, "utf8") !== served) faults.push("docs/api/asyncapi.json is not what asyncapi.yaml says: tests/async-api/check.sh --write");

for (const fault of faults) console.log(fault);
process.exit(faults.length === 0 ? 0 : 1);
