import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import lock from '../../package-lock.json' with { type: 'json' };
import { debianPackages } from '../../tools/release/debian.ts';
import { assertIntegrity, PROCESSORS } from '../../tools/release/foreign-node.ts';
import { buildable } from '../../tools/release/processors.ts';
import { bomOf, type Component } from '../../tools/release/sbom.ts';

describe('the list of components of a file', () => {
  const component = (name: string): Component => ({
    ...{ 'bom-ref': `${name}@1.0.0`, type: 'library', name, version: '1.0.0' },
    purl: `pkg:npm/${name}@1.0.0`,
  });
  const bom = {
    serialNumber: 'urn:uuid:1',
    metadata: { timestamp: 'now', tools: [{ name: 'npm' }], component: { name: 'folder' } },
    components: ['a', 'b', 'c'].map(component),
    dependencies: [
      { ref: 'project@1.0.0', dependsOn: ['a@1.0.0', 'b@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['b@1.0.0', 'c@1.0.0'] },
      { ref: 'b@1.0.0', dependsOn: [] },
      { ref: 'c@1.0.0', dependsOn: [] },
    ],
  };
  const contents = { name: 'file', version: '2.0.0' };

  it('has what the file holds, and nothing that differs each time', () => {
    const packages = new Set(['a@1.0.0', 'c@1.0.0']);
    const made = bomOf(bom, { ...contents, packages, others: [component('node')] });
    assert.deepEqual(JSON.parse(made), {
      metadata: {
        component: {
          ...{ 'bom-ref': 'file@2.0.0', type: 'application', name: 'file', version: '2.0.0' },
        },
      },
      components: ['a', 'c', 'node'].map(component),
      dependencies: [
        { ref: 'file@2.0.0', dependsOn: ['a@1.0.0', 'c@1.0.0', 'node@1.0.0'] },
        { ref: 'a@1.0.0', dependsOn: ['c@1.0.0'] },
        { ref: 'c@1.0.0', dependsOn: [] },
      ],
    });
  });

  it('is refused if npm does not know what the file holds', () => {
    const packages = new Set(['a@1.0.0', 'd@1.0.0']);
    assert.throws(() => bomOf(bom, { ...contents, packages }), /does not list d@1\.0\.0\.$/);
  });

  it('has the Debian packages that are installed', () => {
    const paragraph = (name: string, status: string) =>
      `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: 1:2+b1\nDescription: x\n y: z\n`;
    const status = [
      paragraph('libstdc++6', 'install ok installed'),
      paragraph('gone', 'deinstall ok config-files'),
    ].join('\n');
    const purl = 'pkg:deb/debian/libstdc%2B%2B6@1%3A2%2Bb1?arch=amd64&distro=debian-12';
    assert.deepEqual(debianPackages(status), [
      { 'bom-ref': purl, type: 'library', name: 'libstdc++6', version: '1:2+b1', purl },
    ]);
  });
});

describe('what a machine can build', () => {
  const fetchNode = async () => '/node-of-another';
  const runs = async () => true;
  const other = process.arch === 'x64' ? 'arm64' : 'x64';
  const platform = other === 'x64' ? 'amd64' : other;
  const machine = { arch: process.arch, fetchNode, runs };

  it('is all, if it runs the programs of all processors', async () => {
    const { foreign, nodes, leftOut } = await buildable(machine);
    assert.deepEqual(foreign, [{ arch: other, file: '/node-of-another' }]);
    assert.deepEqual(nodes[1], { arch: platform, file: '/node-of-another' });
    assert.deepEqual(leftOut, []);
  });

  it('is no image for a processor whose programs it does not run, and says how it would', async () => {
    const { foreign, nodes, leftOut } = await buildable({ ...machine, runs: async () => false });
    assert.deepEqual([foreign.length, nodes.length], [1, 1]);
    assert.match(leftOut.join(), new RegExp(`^${platform} images: .* apt-get install qemu`));
  });

  it('is nothing for a processor whose Node npm does not have, and says why', async () => {
    const failing = { ...machine, fetchNode: () => Promise.reject(new Error('npm is offline')) };
    const { foreign, nodes, leftOut } = await buildable(failing);
    assert.deepEqual([foreign.length, nodes.length], [0, 1]);
    assert.deepEqual(leftOut, [`everything for ${platform}: there is no Node: npm is offline`]);
  });

  it('needs one version of Node for all Linux processors, as compiled code is for one version', () => {
    const versions = PROCESSORS.map(({ node }) => lock.packages[`node_modules/${node}`].version);
    assert.equal(new Set(versions).size, 1);
  });

  it('refuses a Node that is not the one of package-lock.json', () => {
    const content = Buffer.from('node');
    const refused = /^The package has (sha512-.*), and not sha512-x\.$/;
    assert.throws(() => assertIntegrity(content, 'sha512-x'), { message: refused });
    const digest = createHash('sha512').update(content).digest('base64');
    assertIntegrity(content, `sha512-${digest}`);
  });
});
