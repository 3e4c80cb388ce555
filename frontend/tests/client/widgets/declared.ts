/** What ChatKit declares of widgets: read from its types for browsers, and from what its Python package says. */
import { readFileSync } from "node:fs";
import ts from "typescript";

/** Properties by component; of each its literal values, where it has a choice of them. `editable.name` is within `editable`. */
type Declared = Record<string, Record<string, unknown[]>>;

const read = (address: string) => readFileSync(new URL(address, import.meta.url), "utf8");

/** As `tests/house/test_widgets.py` wrote it. */
const inPython = (): Declared => JSON.parse(read("./python-widgets.json")) as Declared;

/** Types of values, not of components: their members have tests of their own. */
const VALUES = new Set(["ThemeColor", "Spacing", "Border", "Borders", "ActionConfig"]);

function inTypes(): Declared {
  const source = ts.createSourceFile("widgets.d.ts", read("../../../node_modules/@openai/chatkit/types/widgets.d.ts"), ts.ScriptTarget.Latest);
  const aliases = new Map<string, ts.TypeNode>();
  source.forEachChild((node) => {
    if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node.type);
  });
  const nameOf = (node: ts.TypeReferenceNode) => (ts.isIdentifier(node.typeName) ? node.typeName.text : "");

  function members(node: ts.TypeNode): ts.PropertySignature[] {
    if (ts.isTypeLiteralNode(node)) return node.members.filter(ts.isPropertySignature);
    if (ts.isIntersectionTypeNode(node) || ts.isUnionTypeNode(node)) return node.types.flatMap(members);
    if (ts.isArrayTypeNode(node)) return members(node.elementType);
    if (!ts.isTypeReferenceNode(node)) return [];
    if (nameOf(node) === "Pick" && node.typeArguments) {
      const [from, keys] = node.typeArguments;
      const wanted = keys ? literals(keys) : [];
      return from ? members(from).filter((member) => wanted.includes(keyOf(member))) : [];
    }
    const alias = VALUES.has(nameOf(node)) ? undefined : aliases.get(nameOf(node));
    return alias ? members(alias) : [];
  }

  function literals(node: ts.TypeNode): unknown[] {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) return [node.literal.text];
    if (ts.isUnionTypeNode(node)) return node.types.flatMap(literals);
    const alias = ts.isTypeReferenceNode(node) ? aliases.get(nameOf(node)) : undefined;
    return alias ? literals(alias) : [];
  }

  const keyOf = (member: ts.PropertySignature) => (ts.isIdentifier(member.name) ? member.name.text : "");
  const found: Declared = {};
  for (const type of aliases.values()) {
    if (ts.isUnionTypeNode(type)) continue;
    const own = members(type);
    const named = own.find((member) => keyOf(member) === "type")?.type;
    const [component] = named ? literals(named) : [];
    if (typeof component !== "string") continue;
    const properties: Record<string, unknown[]> = {};
    for (const member of own) {
      if (!member.type || keyOf(member) === "type") continue;
      properties[keyOf(member)] = literals(member.type);
      if (keyOf(member) === "children") continue;
      for (const inner of members(member.type)) {
        if (inner.type) properties[`${keyOf(member)}.${keyOf(inner)}`] = literals(inner.type);
      }
    }
    found[component] = { ...found[component], ...properties };
  }
  return found;
}

/** Both together: a component or a property that either of them knows. */
export const declared: Declared = inTypes();
for (const [component, properties] of Object.entries(inPython())) {
  const known = (declared[component] ??= {});
  for (const [path, literals] of Object.entries(properties)) known[path] = [...new Set([...(known[path] ?? []), ...literals])];
}
