import { basename } from 'node:path';
import type { Metafile, OutputFile } from 'esbuild';

export interface Chunk {
  readonly path: string;
  readonly text: string;
}

type Outputs = Metafile['outputs'];

/**
 * Leaves out the files of a bundle that hold no code of ours, because Node takes half a millisecond for
 * each file.
 *
 * esbuild writes a file for each `import()`. If a chunk has the code, that file only exports it again:
 * the chunk is imported in its place. One that exports it under another name stays: the chunk has something else
 * of that name. And each file imports esbuild's own helpers, used or not.
 */
export function mergeChunks(
  files: readonly Pick<OutputFile, 'path' | 'text'>[],
  { outputs }: Pick<Metafile, 'outputs'>,
): readonly Chunk[] {
  const helpers = Object.keys(outputs).filter((path) => isHelpers(path, outputs));
  const renaming = files
    .filter(({ text }) => /\sas\s/.test(text))
    .map(({ path }) => basename(path));
  const doors = new Map(
    Object.keys(outputs)
      .filter((path) => !renaming.includes(basename(path)))
      .flatMap((path) => doorAt(path, outputs)),
  );
  return files
    .filter(({ path }) => !doors.has(basename(path)))
    .map(({ path, text }) => {
      const lean = helpers.reduce(withoutBareImport, text);
      return {
        path,
        text: [...doors].reduce((all, [door, chunk]) => all.replace(spelled(door), chunk), lean),
      };
    });
}

/** Returns the name of a file that only exports again, and the name of the chunk that has it all. */
function doorAt(path: string, outputs: Outputs): readonly (readonly [string, string])[] {
  const { inputs, imports, exports } = outputs[path] ?? EMPTY;
  if (Object.keys(inputs).length > 0 || exports.length === 0) return [];
  const chunk = imports.find((one) =>
    exports.every((name) => outputs[one.path]?.exports.includes(name)),
  );
  return chunk === undefined ? [] : [[basename(path), basename(chunk.path)]];
}

const EMPTY: Pick<Outputs[string], 'inputs' | 'imports' | 'exports'> = {
  inputs: {},
  imports: [],
  exports: [],
};

function isHelpers(path: string, outputs: Outputs): boolean {
  const { inputs, imports, exports } = outputs[path] ?? EMPTY;
  return Object.keys(inputs).length === 0 && imports.length === 0 && exports.length > 0;
}

function withoutBareImport(text: string, helpers: string): string {
  return text.replace(new RegExp(`import"[./\\w]*${spelled(basename(helpers)).source}";`), '');
}

/** esbuild breaks long lines, in texts too. */
function spelled(name: string): RegExp {
  const letters = [...name].map((letter) => letter.replace('.', '\\.'));
  return new RegExp(letters.join('(?:\\\\\\n)?'), 'g');
}
