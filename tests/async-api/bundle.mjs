// The AsyncAPI document in one piece: the schemas beside it become components, and everything that points to them points there.
import { readFileSync } from "node:fs";
import path from "node:path";

/** In a schema: what pointed to its own root points to where it stands now. */
function moved(value, root) {
  if (Array.isArray(value)) return value.map((each) => moved(each, root));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "$schema" && name !== "$id")
      .map(([name, each]) => [name, name === "$ref" ? each.replace(/^#/, root) : moved(each, root)]),
  );
}

export function bundled(document, directory) {
  const schemas = {};
  const visit = (value) => {
    if (Array.isArray(value)) return value.map(visit);
    if (value === null || typeof value !== "object") return value;
    if (typeof value.$ref === "string" && !value.$ref.startsWith("#")) {
      const name = path.basename(value.$ref, ".json");
      const place = `#/components/schemas/${name}`;
      schemas[name] ??= moved(JSON.parse(readFileSync(path.join(directory, value.$ref), "utf8")), place);
      return { $ref: place };
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, visit(each)]));
  };
  const whole = visit(document);
  Object.assign(whole.components.schemas, schemas);
  return whole;
}
