import type { CommandContext, RunCommand } from '../command.ts';
import { flagText, isFlagSet } from '../flags.ts';
import { hasKubeconfig } from '../install/kubeconfig-of.ts';
import type { Absence } from '../install/operator-version.ts';
import { writeDocument } from '../output/documents.ts';
import { safeText } from '../output/safe-text.ts';
import { versionWithTag } from '../output/version-with-tag.ts';

/** The document of `kusk version -o json`. */
export interface Versions {
  readonly kusk: string;
  /** `null` if there is none, or if it cannot be known. */
  readonly operator: string | null;
  /** `null` if it is the version. */
  readonly operatorTag: string | null;
  /** `null` without a kubeconfig, and with `--client`. */
  readonly cluster: 'installed' | Absence | null;
}

const NONE = { operator: null, operatorTag: null, cluster: null } as const;

/** `kusk version`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout } = context;
  const versions = await versionsIn(context);
  writeDocument(versions, {
    format: flagText(flags, 'output'),
    text: versionText,
    terminal: stdout,
  });
  return 0;
};

async function versionsIn(context: CommandContext): Promise<Versions> {
  const { version: kusk, flags } = context;
  if (isFlagSet(flags, 'client') || !hasKubeconfig(context)) {
    return { kusk, ...NONE };
  }
  const { findOperatorVersion } = await import('../install/operator-version.ts');
  const found = await findOperatorVersion(context);
  return 'version' in found
    ? {
        kusk,
        operator: found.version ?? 'unknown',
        operatorTag: found.tag ?? null,
        cluster: 'installed',
      }
    : { kusk, ...NONE, cluster: found.absence };
}

function versionText({ kusk, operator, operatorTag, cluster }: Versions): string {
  const found = operator === null ? cluster : versionWithTag(operator, operatorTag);
  const second = found === null ? '' : `operator ${safeText(found)}\n`;
  return `kusk ${kusk}\n${second}`;
}
