import type ts from "typescript";

export declare const bundlePath: string;
export declare const shownSources: () => readonly string[];
export declare const readSource: (path: string) => ts.SourceFile;
export declare const placeOf: (node: ts.Node) => string;
export declare const walk: (node: ts.Node, visit: (node: ts.Node) => void) => void;
export declare const isTranslation: (node: ts.Node) => node is ts.CallExpression;
export declare const renderBundle: () => string;
