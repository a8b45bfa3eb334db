import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn } from '../lab/support/files-in.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = resolve(ROOT, 'src');

interface Room {
  /** Our own rooms and files that it may import. */
  readonly ours: readonly string[];
  /** Packages, of which those with `type ` in front for their types only. */
  readonly packages?: readonly string[];
}

/** The rooms of `src/`. Node's own modules are free, except in the rooms that decide. */
const ROOMS: Readonly<Record<string, Room>> = {
  'event.ts': { ours: [] },
  runtime: { ours: [] },
  consent: { ours: ['event.ts'], packages: ['js-yaml'] },
  cluster: {
    ours: ['event.ts', 'runtime'],
    packages: ['@kubernetes/client-node', 'undici', 'js-yaml'],
  },
  record: { ours: ['event.ts', 'consent'], packages: ['@noble/hashes'] },
  deliver: { ours: ['event.ts', 'runtime'], packages: ['@segment/analytics-node', 'undici'] },
  operator: {
    ours: ['event.ts', 'runtime', 'consent', 'cluster', 'record', 'deliver'],
    packages: ['type pino', 'prom-client'],
  },
  web: { ours: ['event.ts'], packages: ['hono', 'd3-scale', 'd3-shape'] },
  collector: {
    ours: ['event.ts', 'runtime', 'web'],
    packages: ['@clickhouse/client', 'hono', '@hono/node-server', 'prom-client'],
  },
  cli: {
    ours: ['event.ts', 'runtime', 'consent', 'cluster', 'record', 'deliver', 'dashboard'],
    packages: ['commander', 'js-yaml'],
  },
  dashboard: {
    ours: ['event.ts', 'runtime', 'consent', 'cluster', 'record', 'deliver', 'web'],
    packages: ['hono', '@hono/node-server', 'js-yaml'],
  },
};

/** Rooms that have rooms of their own, one level deeper. */
const NESTED: Readonly<Record<string, readonly string[]>> = {
  cli: ['commands', 'completion', 'install', 'machine', 'output'],
  operator: ['config', 'observability', 'outbox'],
  collector: ['ingest', 'numbers', 'pages', 'store', 'store/sqlite', 'store/clickhouse'],
  dashboard: ['model', 'pages'],
};

/** What each folder of the repository may import of the others. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  src: [],
  lab: ['src'],
  tools: ['src', 'lab'],
  test: ['src', 'lab', 'tools'],
};

/** They decide, and do no I/O: of Node's modules they use only what is listed. */
const PURE = ['event.ts', 'consent', 'record'];

/** Where a bare timer may stand, each with its reason in the file's doc comment. */
const TIMERS = [
  'collector/pipelining.ts',
  'collector/serve.ts',
  'deliver/segment.ts',
  'runtime/deadline.ts',
  'runtime/time.ts',
];
/** They run in the browser, or describe it. Nothing is passed in there. */
const IN_BROWSER = ['dashboard/pages/browser-types.ts', 'dashboard/pages/keep-live.ts'];
const CLOCKS = ['runtime/time.ts', ...IN_BROWSER];

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

const sources = await readSources(SRC);
const outsideBin = sources.filter(({ room }) => room !== 'bin');
/** Everything, with paths that begin with the folder: `lab/chaos/main.ts`. */
const everything = (
  await Promise.all(Object.keys(FOLDERS).map((folder) => readSources(ROOT, folder)))
).flat();

async function readSources(from: string, folder = '.'): Promise<readonly Source[]> {
  const files = await filesIn(from, `${folder}/**/*.{ts,mjs}`);
  return await Promise.all(files.map((file) => readSource(file, from)));
}

async function readSource(file: string, from: string): Promise<Source> {
  const text = await readFile(file, 'utf8');
  const path = relative(from, file);
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

/** The folder of the repository that a relative import leads to, if it is one of the table. */
function folderOf(from: string, to: string): string | undefined {
  if (!to.startsWith('.')) return undefined;
  const folder = join(dirname(from), to).split('/')[0] ?? '';
  return folder in FOLDERS ? folder : undefined;
}

/** The files of each circle of imports, of which each imports the next one and the last the first. */
function circlesIn(among: readonly Source[]): readonly string[] {
  const targets = new Map(
    among.map(({ path, imports }) => [
      path,
      imports
        .filter(({ to, typesOnly }) => to.startsWith('.') && !typesOnly)
        .map(({ to }) => join(dirname(path), to)),
    ]),
  );
  const circles: string[] = [];
  const finished = new Set<string>();

  function visit(path: string, way: readonly string[]): void {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      return;
    }
    if (finished.has(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...way, path]);
    finished.add(path);
  }

  for (const path of targets.keys()) visit(path, []);
  return circles;
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
    for (const room of [
      'event.ts',
      'runtime',
      'consent',
      'record',
      'cluster',
      'deliver',
      'operator',
    ]) {
      assert.ok(rooms.has(room), room);
    }
  });

  it('import only the rooms and packages that the table allows', () => {
    const objections = outsideBin.flatMap(({ room, imports }) =>
      imports.map((one) => objectionTo(one, room)).filter((objection) => objection !== undefined),
    );
    assert.deepEqual(objections, []);
  });

  it('never import bin/, and nothing imports a program of it', () => {
    const importers = sources
      .flatMap(({ imports }) => imports)
      .filter((one) => roomOf(one) === 'bin')
      .filter(({ from, to }) => !from.startsWith('bin/') || /\/kusk[^/]*$/.test(to));
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
      pathsWith(timers, outsideBin).filter((path) => ![...TIMERS, ...IN_BROWSER].includes(path)),
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
      pathsWith(/Math\.random|\brandom(Bytes|UUID|Int)\b|getRandomValues/, outsideBin).filter(
        (path) => !IN_BROWSER.includes(path),
      ),
      [],
    );
  });
});

describe('the folders of the repository', () => {
  it('import only the folders that the table allows', () => {
    const objections = everything.flatMap(({ room, imports }) =>
      imports
        .filter(({ from, to }) => {
          const folder = folderOf(from, to);
          return folder !== undefined && folder !== room && !FOLDERS[room]?.includes(folder);
        })
        .map(({ from, to }) => `${from} imports ${to}`),
    );
    assert.deepEqual(objections, []);
  });

  it('start nothing of tools/: only package.json does', () => {
    const starters = everything.filter(
      ({ room, code }) => ['src', 'lab'].includes(room) && /['"`/]tools\//.test(code),
    );
    assert.deepEqual(
      starters.map(({ path }) => path),
      [],
    );
  });

  it('have no circle of imports', () => {
    assert.deepEqual(circlesIn(everything), []);
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

  it('lie in their room, or in one of the rooms that it has', () => {
    const isPlaced = (path: string) => {
      const [room = '', ...rest] = path.split('/').slice(0, -1);
      return rest.length === 0 || (NESTED[room] ?? []).includes(rest.join('/'));
    };
    assert.deepEqual(
      sources.map(({ path }) => path).filter((path) => !isPlaced(path)),
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

  it('finds a circle', () => {
    const file = (path: string, to: string) => ({
      path,
      room: 'a',
      code: '',
      lines: 1,
      imports: [{ from: path, to, typesOnly: false }],
    });
    assert.deepEqual(circlesIn([file('a/x.ts', './y.ts'), file('a/y.ts', './x.ts')]), [
      'a/x.ts -> a/y.ts -> a/x.ts',
    ]);
    assert.deepEqual(circlesIn([file('a/x.ts', './y.ts'), file('a/y.ts', './z.ts')]), []);
  });

  it('objects to what the table does not allow', () => {
    const bad = (from: string, to: string) => ({ from, to, typesOnly: false });
    assert.ok(objectionTo(bad('record/a.ts', '../runtime/time.ts'), 'record'));
    assert.ok(objectionTo(bad('record/a.ts', 'node:fs'), 'record'));
    assert.ok(objectionTo(bad('operator/a.ts', 'pino'), 'operator'));
    assert.ok(objectionTo(bad('deliver/a.ts', '@kubernetes/client-node'), 'deliver'));
    assert.ok(objectionTo(bad('runtime/a.ts', '../event.ts'), 'runtime'));
    assert.ok(objectionTo(bad('cli/a.ts', '../operator/send.ts'), 'cli'));
    assert.equal(objectionTo(bad('cluster/a.ts', 'node:fs'), 'cluster'), undefined);
  });
});

/** What a sentence says is no code. */
function withoutTexts(source: Source): Source {
  return { ...source, code: source.code.replaceAll(/'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, "''") };
}
