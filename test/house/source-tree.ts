import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file of this repository. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly text: string;
}

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** The files that match `pattern`, sorted; dependencies and what is built are never among them. */
export function sources(pattern: string): SourceFile[] {
  const exclude = ['node_modules/**', '**/node_modules/**', 'dist/**', 'build/**', 'coverage/**'];
  const paths = globSync(pattern, { cwd: root, exclude });
  return paths.sort().map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, lines: text.split('\n') };
  });
}

/** That one file needs another. */
export interface Import {
  /** The file that is needed, from the root. */
  readonly path: string;
  /** `import type`: nothing is left of it when the program runs. */
  readonly typeOnly: boolean;
}

/** What `file` imports or exports of other files in this repository. */
export function importsOf(file: SourceFile): Import[] {
  const statements = [
    ...file.text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom\s*['"](\.[^'"]+)['"]/gm),
    ...file.text.matchAll(/\bimport\(\s*['"](\.[^'"]+)['"]/g),
    ...file.text.matchAll(/^import\s*['"](\.[^'"]+)['"]/gm),
  ];
  return statements.map(([statement, specifier = '']) => ({
    path: normalize(join(dirname(file.path), specifier)),
    typeOnly: /^(?:import|export) type\b/.test(statement),
  }));
}

/**
 * Names of exported declarations without a docstring right above them.
 *
 * Overloads are documented by the first; what is exported from elsewhere, where it is declared.
 */
export function undocumentedExports(file: SourceFile): string[] {
  const kinds = 'function\\*?|class|const|let|interface|type|enum';
  const declaration = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(?:${kinds}) (\\w+)`,
  );
  const seen = new Set<string>();
  return file.lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1];
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    // A comment for the linter may stand between the two.
    let above = index - 1;
    while (/^\/\/ biome-ignore/.test(file.lines[above] ?? '')) above--;
    return /\*\/\s*$/.test(file.lines[above] ?? '') ? [] : [`${file.path}:${index + 1} ${name}`];
  });
}
