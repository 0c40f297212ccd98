// node derive.mjs <OpenAPI document> > platform.txt
//
// Prints what the document says of each operation and of each named schema, one fact a line: a place, and behind a tab what is there.
//
//   GET /threads                          an operation
//   GET /threads 404                      a status
//   GET /threads query:limit   integer    a parameter, body or answer with its types; null is left out
//   GET /threads 200 json[]    -> Thread  a value, here each item of the answer, that a named schema describes
//   Thread.status              = idle     one of the values that a member may have
import { readFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const methods = ["get", "put", "post", "delete", "patch"];
const contentTypes = { "application/json": "json", "text/event-stream": "events", "text/plain": "text" };
const facts = new Set();

const nameOf = (schema) => schema.$ref?.split("/").at(-1);
const partsOf = (schema) => schema.anyOf ?? schema.oneOf ?? schema.allOf;

/** The types of a value without those of the schemas that it refers to. */
function typesOf(schema) {
  if (schema.$ref) return [];
  if (partsOf(schema)) return partsOf(schema).flatMap(typesOf);
  return [schema.type ?? (schema.properties ? "object" : [])].flat().filter((type) => type !== "null");
}

function add(place, schema) {
  facts.add([place, [...new Set(typesOf(schema))].sort().join(" ")].filter(Boolean).join("\t"));
  addInside(place, schema);
}

function addInside(place, schema) {
  if (schema.$ref) {
    facts.add(`${place}\t-> ${nameOf(schema)}`);
    return;
  }
  (partsOf(schema) ?? []).forEach((part) => addInside(place, part));
  (schema.enum ?? []).forEach((value) => facts.add(`${place}\t= ${value}`));
  Object.entries(schema.properties ?? {}).forEach(([name, member]) => add(`${place}.${name}`, member));
  if (schema.items) add(`${place}[]`, schema.items);
  if (Object.keys(schema.additionalProperties ?? {}).length > 0) add(`${place}.*`, schema.additionalProperties);
}

for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations).filter(([name]) => methods.includes(name))) {
    const call = `${method.toUpperCase()} ${path}`;
    facts.add(call);
    for (const { in: where, name, schema } of [...(operations.parameters ?? []), ...(operation.parameters ?? [])]) {
      add(`${call} ${where}:${name}`, schema ?? {});
    }
    const [body] = Object.values(operation.requestBody?.content ?? {});
    if (body) add(`${call} body`, body.schema ?? {});
    for (const [status, { content }] of Object.entries(operation.responses)) {
      facts.add(`${call} ${status}`);
      const answers = status.startsWith("2") ? Object.entries(content ?? {}) : [];
      answers.forEach(([type, { schema }]) => add(`${call} ${status} ${contentTypes[type]}`, schema ?? {}));
    }
  }
}
Object.entries(document.components.schemas).forEach(([name, schema]) => add(name, schema));
console.log([...facts].join("\n"));
