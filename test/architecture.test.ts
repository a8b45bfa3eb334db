import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn } from '../tools/files-in.ts';

const SRC = resolve(import.meta.dirname, '../src');

interface Room {
  /** Our own rooms and files that it may import. */
  readonly ours: readonly string[];
  /** Packages, of which those with `type ` in front for their types only. */
  readonly packages?: readonly string[];
}

/** The room table of the design. Node's own modules are free but for the rooms that decide. */
const ROOMS: Readonly<Record<string, Room>> = {
  'event.ts': { ours: [] },
  record: { ours: ['event.ts'], packages: ['node:crypto'] },
  cluster: { ours: ['event.ts'], packages: ['@kubernetes/client-node', 'undici', 'js-yaml'] },
  deliver: { ours: ['event.ts'], packages: ['@segment/analytics-node', 'undici'] },
  operator: {
    ours: ['event.ts', 'record', 'cluster', 'deliver'],
    packages: ['type pino', 'js-yaml', 'prom-client'],
  },
  cli: { ours: ['event.ts', 'record', 'deliver'] },
  dashboard: { ours: ['event.ts', 'cluster'] },
  collector: { ours: ['event.ts'], packages: ['hono', '@hono/node-server', 'prom-client'] },
};

/** They decide, and do no I/O: of Node's modules they use only what is listed. */
const PURE = ['event.ts', 'record'];

/** Where a bare timer may stand, each with its reason in the file's doc comment. */
const TIMERS = [
  'cluster/time.ts',
  'collector/clock.ts',
  'collector/serve.ts',
  'deliver/deadline.ts',
  'deliver/segment.ts',
];
const CLOCKS = ['cluster/time.ts', 'collector/clock.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typesOnly: boolean;
}

interface Source {
  readonly path: string;
  readonly room: string;
  /** Without comments. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

const sources = await readSources();
const outsideBin = sources.filter(({ room }) => room !== 'bin');

async function readSources(): Promise<readonly Source[]> {
  return await Promise.all((await filesIn(SRC, '**/*.ts')).map(readSource));
}

async function readSource(file: string): Promise<Source> {
  const text = await readFile(file, 'utf8');
  const path = relative(SRC, file);
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<=^|\s)\/\/.*$/gm, '');
  const lines = text.trimEnd().split('\n').length;
  return { path, room: path.split('/')[0] ?? '', code, lines, imports: importsIn(path, code) };
}

function importsIn(path: string, code: string): readonly Import[] {
  const declared = code.matchAll(
    /^(?:import|export)\s+(?<what>(?:type\s+)?[\w$*{][\w$*{},\s]*?)\s+from\s+'(?<to>[^']+)'/gm,
  );
  const forEffect = code.matchAll(/^import\s+'(?<to>[^']+)'/gm);
  const called = code.matchAll(/\bimport\(\s*'(?<to>[^']+)'\s*\)/g);
  return [...declared, ...forEffect, ...called].map(({ groups }) => ({
    from: path,
    to: groups?.to ?? '',
    typesOnly: isTypesOnly(groups?.what ?? ''),
  }));
}

/** `import type { … }`, or braces in which each name is a type. */
function isTypesOnly(what: string): boolean {
  if (/^type\s/.test(what)) return true;
  const names = /^\{(?<names>.*)\}$/s.exec(what)?.groups?.names?.split(',') ?? [''];
  const given = names.map((name) => name.trim()).filter((name) => name !== '');
  return given.length > 0 && given.every((name) => name.startsWith('type '));
}

/** The room that a relative import leads to, or `undefined` for a package. */
function roomOf({ from, to }: Import): string | undefined {
  if (!to.startsWith('.')) return undefined;
  return relative(SRC, resolve(SRC, dirname(from), to)).split('/')[0];
}

function packageOf({ to }: Import): string {
  if (to.startsWith('node:')) return to;
  return to.split('/', to.startsWith('@') ? 2 : 1).join('/');
}

/** Why an import may not be, or `undefined` if it may. */
function objectionTo(one: Import, room: string): string | undefined {
  const { ours, packages = [] } = ROOMS[room] ?? { ours: [] };
  const other = roomOf(one);
  if (other !== undefined) {
    return other === room || ours.includes(other) ? undefined : `${one.from} imports ${one.to}`;
  }
  const name = packageOf(one);
  if (name.startsWith('node:') && !PURE.includes(room)) return undefined;
  if (packages.includes(name)) return undefined;
  if (packages.includes(`type ${name}`) && one.typesOnly) return undefined;
  return `${one.from} imports the package ${one.to}`;
}

function pathsWith(pattern: RegExp, among: readonly Source[]): readonly string[] {
  return among.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

describe('the rooms of src/', () => {
  it('are those of the table', () => {
    const rooms = new Set(outsideBin.map(({ room }) => room));
    assert.deepEqual(
      [...rooms].filter((room) => !(room in ROOMS)),
      [],
    );
    for (const room of ['event.ts', 'record', 'cluster', 'deliver', 'operator']) {
      assert.ok(rooms.has(room), room);
    }
  });

  it('import only the rooms and packages that the table allows', () => {
    const objections = outsideBin.flatMap(({ room, imports }) =>
      imports.map((one) => objectionTo(one, room)).filter((objection) => objection !== undefined),
    );
    assert.deepEqual(objections, []);
  });

  it('are never imported from a program', () => {
    const importers = sources
      .flatMap(({ imports }) => imports)
      .filter((one) => roomOf(one) === 'bin');
    assert.deepEqual(importers, []);
  });

  it('import files with their ending, and packages by name', () => {
    const odd = sources
      .flatMap(({ imports }) => imports)
      .filter(({ to }) => to.startsWith('.') && !/\.(ts|json)$/.test(to));
    assert.deepEqual(odd, []);
  });
});

describe('what is passed in', () => {
  it('is the environment, the arguments and the end of the process: only programs touch it', () => {
    assert.deepEqual(pathsWith(/\bprocess\b(?!')/, outsideBin.map(withoutTexts)), []);
    assert.deepEqual(pathsWith(/'(node:)?process'/, outsideBin), []);
  });

  it('is time: bare timers stand where it is said why', () => {
    const timers = /\bset(Timeout|Interval|Immediate)\b|AbortSignal\.timeout/;
    assert.deepEqual(
      pathsWith(timers, outsideBin).filter((path) => !TIMERS.includes(path)),
      [],
    );
    const clocks = /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bhrtime\b/;
    assert.deepEqual(
      pathsWith(clocks, outsideBin).filter((path) => !CLOCKS.includes(path)),
      [],
    );
  });

  it('is randomness', () => {
    assert.deepEqual(
      pathsWith(/Math\.random|\brandom(Bytes|UUID|Int)\b|getRandomValues/, outsideBin),
      [],
    );
  });
});

describe('the files of src/', () => {
  it('have 200 lines at most, and a median below 80', () => {
    const long = sources.filter(({ lines }) => lines > 200).map(({ path }) => path);
    assert.deepEqual(long, []);
    const sizes = sources.map(({ lines }) => lines).sort((a, b) => a - b);
    const median = sizes[Math.floor(sizes.length / 2)] ?? Number.NaN;
    assert.ok(median < 80, `the median is ${median}`);
  });

  it('lie at most two levels deep', () => {
    assert.deepEqual(
      sources.filter(({ path }) => path.split('/').length > 2),
      [],
    );
  });

  it('have named exports only', () => {
    assert.deepEqual(pathsWith(/^export\s+default\b|\bas default\b/m, sources), []);
  });
});

describe('the reading of imports', () => {
  const cases = [
    { title: 'a plain one', code: "import { a } from 'x';", to: 'x', typesOnly: false },
    { title: 'one of types', code: "import type { A } from 'x';", to: 'x', typesOnly: true },
    {
      title: 'one of inline types',
      code: "import { type A, type B } from 'x';",
      to: 'x',
      typesOnly: true,
    },
    { title: 'a mixed one', code: "import { type A, b } from 'x';", to: 'x', typesOnly: false },
    {
      title: 'one over lines',
      code: "import {\n  a,\n  b,\n} from 'x';",
      to: 'x',
      typesOnly: false,
    },
    { title: 'one for its effect', code: "import 'x';", to: 'x', typesOnly: false },
    { title: 'one at run time', code: "const a = await import('x');", to: 'x', typesOnly: false },
    { title: 'a re-export', code: "export { a } from 'x';", to: 'x', typesOnly: false },
  ];
  for (const { title, code, to, typesOnly } of cases) {
    it(`finds ${title}`, () => {
      assert.deepEqual(importsIn('a.ts', code), [{ from: 'a.ts', to, typesOnly }]);
    });
  }

  it('objects to what the table does not allow', () => {
    const bad = (from: string, to: string) => ({ from, to, typesOnly: false });
    assert.ok(objectionTo(bad('record/a.ts', '../cluster/time.ts'), 'record'));
    assert.ok(objectionTo(bad('record/a.ts', 'node:fs'), 'record'));
    assert.ok(objectionTo(bad('operator/a.ts', 'pino'), 'operator'));
    assert.ok(objectionTo(bad('deliver/a.ts', '@kubernetes/client-node'), 'deliver'));
    assert.ok(objectionTo(bad('cli/a.ts', '../operator/send.ts'), 'cli'));
    assert.equal(objectionTo(bad('cluster/a.ts', 'node:fs'), 'cluster'), undefined);
  });
});

/** What a sentence says is no code. */
function withoutTexts(source: Source): Source {
  return { ...source, code: source.code.replaceAll(/'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, "''") };
}
