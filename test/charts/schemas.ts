import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODULES } from '../../lab/control-plane/pinned.ts';
import { startControlPlane } from '../../lab/control-plane/start.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { installOnce } from '../../lab/support/install-once.ts';
import { ROOT } from '../../lab/support/root.ts';
import { KINDS } from '../../src/event.ts';

const CRDS = join(ROOT, 'deploy/crds');

/** JSON Schema, as far as an API server's OpenAPI document has it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly Kind[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

type Definitions = Readonly<Record<string, Schema>>;

/**
 * Resolves with a folder that has a JSON schema for each kind of a real API server, with our CRDs, as
 * kubeconform reads them: `KIND-GROUP-VERSION.json`. The API server is started once, for the cache.
 */
export async function kubernetesSchemas(): Promise<string> {
  const crds = await filesIn(CRDS, '*.yaml');
  const hash = createHash('sha256');
  for (const path of [import.meta.filename, ...crds]) hash.update(await readFile(path));
  const { version } = MODULES.kubernetes;
  return await installOnce({
    group: 'schemas',
    name: `kubernetes-${version}-${hash.digest('hex').slice(0, 12)}`,
    async install(into) {
      for (const [name, schema] of Object.entries(schemasOf(await servedDefinitions()))) {
        await writeFile(join(into, name), JSON.stringify(schema));
      }
    },
  });
}

async function servedDefinitions(): Promise<Definitions> {
  const cp = await startControlPlane({ rights: null });
  try {
    await cp.kubectl(['apply', '--validate=ignore', '-f', CRDS]);
    // The document follows the CRDs after a while.
    return await eventually(async () => {
      const document = await cp.kubectl(['get', '--raw', '/openapi/v2']);
      const { definitions } = JSON.parse(document) as { readonly definitions: Definitions };
      const kinds = Object.values(definitions).flatMap((one) => kindsOf(one));
      const missing = KINDS.filter((kind) => !kinds.some((one) => one.kind === kind));
      if (missing.length > 0) throw new Error(`${missing.join(', ')} is not in /openapi/v2 yet`);
      return definitions;
    });
  } finally {
    await cp.close();
  }
}

function kindsOf({ 'x-kubernetes-group-version-kind': kinds = [] }: Schema): readonly Kind[] {
  return kinds;
}

/** Returns a schema for each kind, by the name of its file. Each has the definitions that it refers to. */
export function schemasOf(definitions: Definitions): Readonly<Record<string, object>> {
  const files = Object.entries(definitions).flatMap(([name, definition]) =>
    kindsOf(definition).map(({ group, version, kind }) => {
      const words = [kind, group.split('.')[0] ?? '', version].filter((word) => word !== '');
      const used = Object.fromEntries(
        [...closure(name, definitions)].map((each) => [each, strict(definitions[each] ?? {})]),
      );
      const schema = { $ref: `#/definitions/${name}`, definitions: used };
      return [`${words.join('-').toLowerCase()}.json`, schema] as const;
    }),
  );
  return Object.fromEntries(files);
}

/** The names of a definition and of all that it refers to. */
function closure(name: string, definitions: Definitions, found = new Set<string>()) {
  if (found.has(name)) return found;
  found.add(name);
  const references = JSON.stringify(definitions[name] ?? {}).matchAll(/"#\/definitions\/([^"]+)"/g);
  for (const [, next = ''] of references) closure(next, definitions, found);
  return found;
}

/**
 * Returns the schema as the API server means it with `fieldValidation=Strict`: it refuses properties that
 * the kind does not have, and takes null for a property that is not required.
 */
function strict(schema: Schema): object {
  const { format, properties, items, required = [], additionalProperties } = schema;
  if (format === 'int-or-string') return { type: ['integer', 'string'] };
  // A Quantity: `cpu: 1` is as good as `cpu: "1"`.
  if (schema.type === 'string' && isQuantity(schema)) return { type: ['string', 'number'] };
  const isClosed = properties !== undefined && !schema['x-kubernetes-preserve-unknown-fields'];
  return {
    ...schema,
    ...(items && { items: strict(items) }),
    ...(properties && { properties: strictProperties(properties, required) }),
    ...(isClosed && additionalProperties === undefined && { additionalProperties: false }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: strict(additionalProperties),
    }),
  };
}

function isQuantity(schema: Schema & { readonly description?: string }): boolean {
  return schema.description?.startsWith('Quantity is a fixed-point') ?? false;
}

function strictProperties(properties: Definitions, required: readonly string[]) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const own = strict(schema);
      return [name, required.includes(name) ? own : { anyOf: [own, { type: 'null' }] }];
    }),
  );
}
