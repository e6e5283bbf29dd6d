// The part of the WebAssembly JavaScript interface that Millrace uses. TypeScript has it in its
// `dom` library only, which would bring a browser's globals into a Node project.
declare namespace WebAssembly {
  interface Module {
    readonly __module: never;
  }
  interface Memory {
    readonly buffer: SharedArrayBuffer;
  }
  interface Instance {
    readonly exports: Exports;
  }
  type Exports = Readonly<Record<string, unknown>>;
  type Imports = Record<string, Record<string, unknown>>;
  class RuntimeError extends Error {}
  const Module: new (bytes: Uint8Array) => Module;
  const Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => Memory;
  const Instance: new (module: Module, imports: Imports) => Instance;
  function validate(bytes: Uint8Array): boolean;
}
