const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const FIRST_KEY = Buffer.from('\0').toString('base64');

/**
 * Deletes all of etcd's history up to now. Returns the revision at which it was cut.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compactEtcd(port: number): Promise<number> {
  const { header } = await post(port, 'kv/range', { key: FIRST_KEY, limit: '1' });
  await post(port, 'kv/compaction', { revision: header.revision, physical: true });
  return Number(header.revision);
}

/** Whether etcd answers, has a leader, and is the one of that name: the port could be another's. */
export async function isEtcdReady(
  port: number,
  { name }: { readonly name: string },
): Promise<boolean> {
  const { members = [] } = await post(port, 'cluster/member/list', {});
  return members.some((member) => member.name === name);
}

interface EtcdAnswer {
  readonly header: { readonly revision: string };
  readonly members?: readonly { readonly name: string }[];
}

async function post(port: number, path: string, body: object): Promise<EtcdAnswer> {
  const url = `http://127.0.0.1:${port}/v3/${path}`;
  const response = await fetch(url, { ...JSON_POST, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as EtcdAnswer;
}
