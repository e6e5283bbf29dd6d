/** The options of a configuration, as the compiler reads them from their types. */
import { join } from 'node:path';
import {
  API,
  type Checker,
  type Symbol as Declared,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';
import type { Section } from '../../src/config/setting.ts';

/** One option: where it lies, its type and its docstring. */
export interface OptionType {
  /** Inside its section: `batch.maxRows`. */
  readonly name: string;
  /** As TypeScript writes it. */
  readonly type: string;
  /** In one line. */
  readonly doc: string;
}

/** Options by section. */
export type OptionTypes = Readonly<Record<Section, readonly OptionType[]>>;

/** Options that are objects of options, listed one by one. */
const PARTS = ['batch', 'fetch', 'group', 'ssl', 'sasl'];

/**
 * Reads `MillraceConfig`. Options of the connection are listed in their own section alone.
 *
 * @param root the repository.
 * @throws Error where an option has no docstring.
 */
export function readOptionTypes(root: string): OptionTypes {
  const api = new API({ cwd: root });
  try {
    const configFile = join(root, 'tsconfig.json');
    const project = api.updateSnapshot({ openProject: configFile }).getProject(configFile);
    if (project === undefined) throw new Error(`${configFile} is no project`);
    const exported = (path: string, name: string) => {
      const file = project.program.getSourceFile(join(root, path));
      const module = file && project.checker.getSymbolAtLocation(file);
      const found = module && project.checker.getExportsOfModule(module);
      const symbol = found?.find((one) => one.name === name);
      if (symbol === undefined) throw new Error(`${path} exports no ${name}`);
      return project.checker.getDeclaredTypeOfSymbol(symbol);
    };
    const config = exported('src/config/config.ts', 'MillraceConfig');
    // Where the input's docstring says nothing new, that of what it becomes.
    const resolved = exported('src/ingest/client.ts', 'ConnectionOptions');
    return sections(new Reader(project.checker, resolved), config);
  } finally {
    api.close();
  }
}

function sections(reader: Reader, config: Type): OptionTypes {
  const of = (section: Section) => reader.options(reader.part(config, section));
  const connection = of('connection');
  const names = new Set(connection.map(({ name }) => name));
  const without = (options: readonly OptionType[]) =>
    options.filter(({ name }) => !names.has(name));
  return { connection, source: without(of('source')), sink: without(of('sink')), run: of('run') };
}

class Reader {
  readonly #checker: Checker;
  readonly #fallback: Type;

  constructor(checker: Checker, fallback: Type) {
    this.#checker = checker;
    this.#fallback = fallback;
  }

  /** The type of a property, `undefined` taken away. */
  part(type: Type, name: string): Type {
    const symbol = this.#checker.getPropertyOfType(type, name);
    if (symbol === undefined) throw new Error(`there is no ${name}`);
    return this.#typeOf(symbol);
  }

  options(type: Type): OptionType[] {
    return this.#checker.getPropertiesOfType(type).flatMap((symbol) => this.#option(symbol));
  }

  #option(symbol: Declared): OptionType[] {
    const { name } = symbol;
    const type = this.#typeOf(symbol);
    const whole = { name, type: this.#text(type), doc: this.#doc(symbol) };
    if (!PARTS.includes(name)) {
      if (whole.doc === '') throw new Error(`the option ${name} has no docstring`);
      return [whole];
    }
    const parts = this.#members(type).map((found) => this.#inner(whole, found));
    // `ssl: true` is an option of its own; a part is no more than its options.
    return name === 'ssl' ? [whole, ...parts] : parts;
  }

  #inner(owner: OptionType, symbols: readonly [Declared, ...Declared[]]): OptionType {
    const [symbol] = symbols;
    const types = symbols.map((one) => this.#text(this.#typeOf(one)));
    const type = [...new Set(types)].join(' | ');
    return { name: `${owner.name}.${symbol.name}`, type, doc: this.#doc(symbol) || owner.doc };
  }

  /** The properties of an object, or of all objects of a union, by name. */
  #members(type: Type): (readonly [Declared, ...Declared[]])[] {
    const types = type.isUnionType() ? type.getTypes() : [type];
    const found = new Map<string, [Declared, ...Declared[]]>();
    for (const one of types.filter((candidate) => candidate.isObjectType())) {
      for (const symbol of this.#checker.getPropertiesOfType(one)) {
        const others = found.get(symbol.name);
        if (others === undefined) found.set(symbol.name, [symbol]);
        else others.push(symbol);
      }
    }
    return [...found.values()];
  }

  /** The type as text; a union that has a name is written out. */
  #text(type: Type): string {
    const text = this.#checker.typeToString(type);
    if (/^[A-Z]\w*$/.test(text) && type.isUnionType()) {
      return type
        .getTypes()
        .map((one) => this.#text(one))
        .join(' | ');
    }
    if (!/^readonly [A-Z]\w*\[\]$/.test(text)) return text;
    const [item] = this.#checker.getTypeArguments(type as TypeReference);
    const inner = item && this.#text(item);
    return inner?.includes(' | ') ? `(${inner})[]` : text;
  }

  #typeOf(symbol: Declared): Type {
    const type = this.#checker.getTypeOfSymbol(symbol);
    const nonNullable = type && this.#checker.getNonNullableType(type);
    if (nonNullable === undefined) throw new Error(`${symbol.name} has no type`);
    return nonNullable;
  }

  #doc(symbol: Declared): string {
    const own = this.#checker.getDocumentationCommentOfSymbol(symbol);
    const other = this.#checker.getPropertyOfType(this.#fallback, symbol.name);
    const text = own || (other ? this.#checker.getDocumentationCommentOfSymbol(other) : '');
    return text.replaceAll(/\s+/g, ' ').trim();
  }
}
