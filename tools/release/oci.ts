import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string; readonly os: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** An image for one platform, as a folder in the form of the OCI that holds nothing else. */
export interface PlatformLayout {
  readonly arch: string;
  readonly folder: string;
}

export interface OciArchiveOptions {
  readonly layouts: readonly PlatformLayout[];
  /** With its registry and tag: `docker.io/kubeshop/kusk-gateway-telemetry:0.1.0`. */
  readonly reference: string;
  /** Seconds since the epoch. */
  readonly time: string;
  /** The file. */
  readonly into: string;
}

/**
 * Writes one archive with an image for all platforms, and returns the digest under which a registry has it.
 *
 * Tools that read archives: `skopeo copy --all oci-archive:FILE`, `podman load`, `ctr images import`.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
export async function writeOciArchive(options: OciArchiveOptions): Promise<string> {
  const { layouts, reference, into } = options;
  const folder = `${into}.layout`;
  const blobs = join(folder, 'blobs/sha256');
  await rm(folder, { recursive: true, force: true });
  await mkdir(blobs, { recursive: true });
  const manifests: Descriptor[] = [];
  for (const { arch, folder: from } of layouts) {
    await cp(join(from, 'blobs/sha256'), blobs, { recursive: true });
    const { mediaType, digest, size } = onlyManifest(await readJson(join(from, 'index.json')));
    manifests.push({ mediaType, digest, size, platform: { architecture: arch, os: 'linux' } });
  }
  const image = Buffer.from(JSON.stringify(indexOf(manifests)));
  const digest = digestOf(image);
  await writeFile(join(blobs, digest.replace('sha256:', '')), image);
  const annotations = {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
  };
  const index = indexOf([{ mediaType: INDEX, digest, size: image.length, annotations }]);
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await archive(folder, options);
  await rm(folder, { recursive: true });
  return digest;
}

/** Returns the digest of the image in an archive. Rejects if it is not one image. */
export async function digestInArchive(file: string): Promise<string> {
  const text = await command('tar', ['--extract', '--to-stdout', '--file', file, 'index.json']);
  return onlyManifest(JSON.parse(text) as Index).digest;
}

/** Returns the environment that the image in an archive has on each platform, as `NAME=VALUE`. */
export async function environmentsInArchive(file: string): Promise<readonly (readonly string[])[]> {
  const blob = async (digest: string) => {
    const path = `blobs/${digest.replace(':', '/')}`;
    return JSON.parse(await command('tar', ['--extract', '--to-stdout', '--file', file, path]));
  };
  const { manifests }: Index = await blob(await digestInArchive(file));
  return Promise.all(
    manifests.map(async ({ digest }) => {
      const { config } = await blob(digest);
      return (await blob(config.digest)).config.Env;
    }),
  );
}

/** The same files make the same bytes. */
async function archive(folder: string, { time, into }: OciArchiveOptions): Promise<void> {
  const same = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner'];
  const what = ['--mode=u=rwX,go=rX', '--format=ustar', '--create', '--file', into];
  await command('tar', [...same, ...what, 'blobs', 'index.json', 'oci-layout'], { cwd: folder });
}

function indexOf(manifests: readonly Descriptor[]): Index {
  return { schemaVersion: 2, mediaType: INDEX, manifests };
}

function onlyManifest({ manifests }: Index): Descriptor {
  const [manifest, ...more] = manifests;
  if (manifest === undefined || more.length > 0) throw new Error('It must hold one image.');
  return manifest;
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function readJson(path: string): Promise<Index> {
  return JSON.parse(await readFile(path, 'utf8')) as Index;
}
