import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import type { Lab } from './lab.ts';
import { CRDS } from './manifests.ts';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

interface Crd {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

const EXPLAINED = [
  { field: 'api.spec.spec', text: 'An OpenAPI 3 document as a string' },
  { field: 'staticroute.spec.upstream.rewrite.pattern', text: 'A regular expression' },
  {
    field: 'envoyfleet.spec.service.ports.targetPort',
    text: "The number or the name of the pods'",
  },
  { field: 'kfleet.spec.tls.https_redirect_hosts', text: 'redirected to HTTPS' },
];

/** Every field says what it is, also to `kubectl explain`. */
export function describedSuite(lab: Lab): void {
  describe('what is described', () => {
    for (const file of readdirSync(CRDS).filter((name) => name.endsWith('.yaml'))) {
      it(`every field of ${file}`, () => {
        const crd = load(readFileSync(join(CRDS, file), 'utf8')) as Crd;
        const schemas = crd.spec.versions.map(({ schema }) => schema.openAPIV3Schema);
        assert.deepEqual(
          schemas.flatMap((schema) => undescribed('', schema)),
          [],
        );
      });
    }

    for (const { field, text } of EXPLAINED) {
      it(`${field}, by kubectl explain`, async () => {
        const explained = await lab().kubectl(['explain', field]);
        assert.ok(explained.includes(text), explained);
      });
    }
  });
}

/** The paths of the named fields below `schema` that have no description. */
function undescribed(path: string, schema: Schema): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const named = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description ? [] : [`${path}.${name}`]),
    ...undescribed(`${path}.${name}`, field),
  ]);
  const inner = [items, additionalProperties].filter((each) => each !== undefined);
  return [...named, ...inner.flatMap((each) => undescribed(`${path}[]`, each))];
}
