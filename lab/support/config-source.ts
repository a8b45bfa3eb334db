import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A configuration file that is changed under a running operator. */
export interface ConfigSource extends Disposable {
  readonly path: string;
  readonly write: (text: string) => void;
}

/** A file that is rewritten in place, as an editor or a script does. */
export function plainFile(text: string): ConfigSource {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-config-'));
  const path = join(folder, 'kusk.yaml');
  writeFileSync(path, text);
  return {
    path,
    write: (changed) => writeFileSync(path, changed),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A file in a volume that is optional: its ConfigMap may be created and deleted. */
export interface OptionalSource extends ConfigSource {
  readonly remove: () => void;
}

/** A mounted ConfigMap: kubelet fills a new folder and swaps the symlink `..data` to it. */
export function mountedFile(text: string): ConfigSource {
  const source = optionalFile('kusk.yaml');
  source.write(text);
  return source;
}

/** The volume of a ConfigMap that does not exist yet, and the file that one of its keys will be. */
export function optionalFile(key: string): OptionalSource {
  const volume = mounted();
  volume.sync({});
  return {
    path: join(volume.folder, key),
    write: (text) => volume.sync({ [key]: text }),
    remove: () => volume.sync({}),
    [Symbol.dispose]: () => volume[Symbol.dispose](),
  };
}

/** The keys of a ConfigMap, mounted as files. */
export interface Mounted extends Disposable {
  readonly folder: string;
  /** Brings the files up to date, as kubelet does. */
  readonly sync: (data: Readonly<Record<string, string>>) => void;
}

/**
 * A folder as kubelet fills it: each key is a link through `..data`, which is swapped to a new folder
 * when the ConfigMap has changed.
 */
export function mounted(folder = mkdtempSync(join(tmpdir(), 'kusk-mounted-'))): Mounted {
  mkdirSync(folder, { recursive: true });
  let version = 0;

  function sync(data: Readonly<Record<string, string>>): void {
    const old = `..2026_${version}`;
    version += 1;
    const current = `..2026_${version}`;
    mkdirSync(join(folder, current));
    for (const [key, text] of Object.entries(data)) writeFileSync(join(folder, current, key), text);
    symlinkSync(current, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    const linked = readdirSync(folder).filter((name) => !name.startsWith('..'));
    for (const key of linked) if (!(key in data)) rmSync(join(folder, key));
    const missing = Object.keys(data).filter((key) => !linked.includes(key));
    for (const key of missing) symlinkSync(join('..data', key), join(folder, key));
    rmSync(join(folder, old), { recursive: true, force: true });
  }

  return {
    folder,
    sync,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
