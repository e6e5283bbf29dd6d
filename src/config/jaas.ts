/** Kafka's `sasl.jaas.config`, as far as it says a user name and a password. */

/** What a line of `sasl.jaas.config` says. */
export interface JaasLogin {
  /** The simple name of the login module: `PlainLoginModule`. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/*
 * <module class> <flag> <option>=<value> ... ;
 *
 *   module   org.apache.kafka.common.security.plain.PlainLoginModule, and others
 *   flag     required | requisite | sufficient | optional
 *   value    "quoted, with \" and \\ inside", or bare up to a space or the semicolon
 */
const ENTRY = /^\s*([\w.$]+)\s+(?:required|requisite|sufficient|optional)\b([\s\S]*?);?\s*$/i;
const OPTION =
  /\s*([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([^\s;"']+))/y;

/** Takes a line apart; nothing where it is no such line. Its messages never quote the line. */
export function parseJaas(line: string): JaasLogin | undefined {
  const [, className, rest] = ENTRY.exec(line) ?? [];
  if (className === undefined || rest === undefined) return undefined;
  const options = new Map<string, string>();
  OPTION.lastIndex = 0;
  let end = 0;
  for (let match = OPTION.exec(rest); match !== null; match = OPTION.exec(rest)) {
    const [, name, double, single, bare] = match;
    const quoted = double ?? single;
    options.set(name!, quoted === undefined ? bare! : quoted.replaceAll(/\\([\s\S])/g, '$1'));
    end = OPTION.lastIndex;
  }
  if (rest.slice(end).trim() !== '') return undefined;
  return { module: className.slice(className.lastIndexOf('.') + 1), options };
}
