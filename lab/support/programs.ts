import { join } from 'node:path';
import { ROOT } from './root.ts';

/** Where `npm test` has built the programs. Unset when a test file is run by itself. */
const BUILT = 'KUSK_TEST_BUNDLES';
/** Where `npm test -- --release` has unpacked a release. Unset in all other runs. */
const RELEASED = 'KUSK_TEST_RELEASE';

/** The program's source, which Node runs by stripping its types. Its coverage is counted. */
export function sourceOf(name: string): string {
  return join(ROOT, 'src/bin', `${name}.ts`);
}

/**
 * The program as tests run it: its bundle if `npm test` has built one, else its source. The bundle starts
 * with an eighth of the processor time, and a stale one is never used.
 */
export function programOf(name: string): string {
  const folder = process.env[BUILT];
  return folder === undefined ? sourceOf(name) : join(folder, `${name}.mjs`);
}

/** As `programOf`, but the source while coverage is taken: a bundle's can't be counted for `src/`. */
export function coveredProgramOf(name: string): string {
  return process.env.NODE_V8_COVERAGE === undefined ? programOf(name) : sourceOf(name);
}

/** Makes the tests that this process starts run the bundles in a folder. */
export function useBundles(folder: string): void {
  process.env[BUILT] = folder;
}

/** Makes the tests that this process starts use the packages of a release, unpacked in a folder. */
export function useRelease(folder: string): void {
  process.env[RELEASED] = folder;
}

/** A chart, as a folder: of the release that is tested, else of the checkout. */
export function chartOf(name: string): string {
  return join(process.env[RELEASED] ?? ROOT, 'charts', name);
}

/** The npm package of `kusk` of the release that is tested. */
export function releasedPackage(): string | undefined {
  return released('kusk.tgz');
}

/** The archive of an image of the release that is tested. Its file may be missing: releases need root for it. */
export function releasedImage(name: string): string | undefined {
  return released(`${name}.oci.tar`);
}

function released(name: string): string | undefined {
  const folder = process.env[RELEASED];
  return folder === undefined ? undefined : join(folder, name);
}
