import ts from "typescript";

/** One import as a file writes it. */
export interface Import {
  /** `./part.ts`, `node:net`, `h3`. */
  readonly specifier: string;
  /** Erased before the code runs. */
  readonly isTypeOnly: boolean;
  /** From 1. */
  readonly line: number;
}

const isTypeClause = (clause: ts.ImportClause | undefined): boolean => {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
};

/** The module that a node names, however it does so: import, export from, import(), or an import type. */
const namedModule = (node: ts.Node): { name: ts.Node | undefined; isTypeOnly: boolean } | undefined => {
  if (ts.isImportDeclaration(node)) return { name: node.moduleSpecifier, isTypeOnly: isTypeClause(node.importClause) };
  if (ts.isExportDeclaration(node)) return { name: node.moduleSpecifier, isTypeOnly: node.isTypeOnly };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { name: node.argument.literal, isTypeOnly: true };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { name: node.arguments[0], isTypeOnly: false };
  }
  return undefined;
};

/** Every import in the text of a TypeScript file, static and dynamic, in the order in which they stand. */
export const readImports = (source: string): readonly Import[] => {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const module = namedModule(node);
    if (module?.name !== undefined && ts.isStringLiteral(module.name)) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      found.push({ specifier: module.name.text, isTypeOnly: module.isTypeOnly, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};
