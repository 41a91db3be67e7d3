// TypeScript from the JSON Schema of a source, which is made from the core's own table: one home for the grammar.

/** A type for each definition, and `SourceDocument` for the whole. */
export function typesOf(schema) {
  const name = (key) => key.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  const comment = (text, indent) => (text ? `${indent}/** ${text.replaceAll("*/", "* /")} */\n` : "");
  const literal = (value) => JSON.stringify(value);

  function type(node, indent) {
    if (node === true || node === undefined) return "unknown";
    if (node.$ref) return name(node.$ref.replace("#/$defs/", ""));
    if (node.const !== undefined) return literal(node.const);
    if (node.enum) return node.enum.map(literal).join(" | ");
    const several = node.anyOf ?? node.oneOf;
    if (several) return [...new Set(several.map((one) => type(one, indent)))].join(" | ");
    if (Array.isArray(node.type)) return node.type.map((one) => type({ ...node, type: one }, indent)).join(" | ");
    switch (node.type) {
      case "string":
      case "boolean":
      case "null":
        return node.type;
      case "integer":
      case "number":
        return "number";
      case "array":
        if (node.prefixItems) return `[${node.prefixItems.map((item) => type(item, indent)).join(", ")}]`;
        return `(${type(node.items, indent)})[]`;
      case "object":
        return object(node, indent);
      default:
        return "unknown";
    }
  }

  function object(node, indent) {
    const inner = `${indent}  `;
    const required = new Set(node.required ?? []);
    const members = Object.entries(node.properties ?? {}).map(([key, value]) => {
      const member = /^[a-z_]\w*$/i.test(key) ? key : literal(key);
      return `${comment(value.description, inner)}${inner}${member}${required.has(key) ? "" : "?"}: ${type(value, inner)};\n`;
    });
    if (members.length === 0) {
      return node.additionalProperties === false ? "Record<string, never>" : `Record<string, ${type(node.additionalProperties, indent)}>`;
    }
    return `{\n${members.join("")}${indent}}`;
  }

  const definitions = Object.entries(schema.$defs ?? {}).map(
    ([key, node]) => `${comment(node.description, "")}export type ${name(key)} = ${type(node, "")};\n`,
  );
  const whole = `/** The description of one paginated list. */\nexport type SourceDocument = ${object(schema, "")};\n`;
  return `${definitions.join("\n")}\n${whole}`;
}
