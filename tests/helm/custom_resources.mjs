// custom_resources.mjs FILE: reads a list of custom resources and holds each against the schema of its kind. Called in the folder of the
// npm packages; the models of @kubernetes-models are made of the projects' own CRDs.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const homes = { "keda.sh": "keda", "monitoring.coreos.com": "prometheus-operator" };
let faults = 0;
for (const resource of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const [group] = resource.apiVersion.split("/");
  const path = resolve("node_modules/@kubernetes-models", homes[group], resource.apiVersion, `${resource.kind}.js`);
  const model = (await import(pathToFileURL(path)))[resource.kind];
  try {
    new model(resource).validate();
  } catch (fault) {
    faults += 1;
    console.log(`${resource.kind}/${resource.metadata.name}: ${fault.message}`);
  }
}
process.exit(faults ? 1 : 0);
