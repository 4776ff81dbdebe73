/** Where each `ROWBACK_…` variable goes in the configuration. `*` is the chosen environment. */
const places: Readonly<Record<string, readonly string[]>> = {
  ROWBACK_STORAGE: ['storage'],
  ROWBACK_CONTAINER: ['container'],
  ROWBACK_SCRATCH: ['scratch'],
  ROWBACK_POLICY_INCLUDE: ['policy', 'tables', 'include'],
  ROWBACK_POLICY_EXCLUDE: ['policy', 'tables', 'exclude'],
  ROWBACK_POLICY_FILES: ['policy', 'files'],
  ROWBACK_POLICY_EVERY: ['policy', 'every'],
  ROWBACK_POLICY_SHARE: ['policy', 'share'],
  ROWBACK_API_HOST: ['api', 'host'],
  ROWBACK_API_PORT: ['api', 'port'],
  ROWBACK_API_TENANT_ID: ['api', 'tenantId'],
  ROWBACK_API_ISSUER: ['api', 'issuer'],
  ROWBACK_API_AUDIENCE: ['api', 'audience'],
  ROWBACK_API_JWKS_URI: ['api', 'jwksUri'],
};

const ofEnvironment: Readonly<Record<string, string>> = {
  ROWBACK_TENANT_ID: 'tenantId',
  ROWBACK_CLIENT_ID: 'clientId',
  ROWBACK_CLIENT_SECRET: 'clientSecret',
  ROWBACK_CERTIFICATE: 'certificate',
  ROWBACK_MANAGED_IDENTITY: 'managedIdentity',
  ROWBACK_AUTHORITY: 'authority',
  ROWBACK_TOKEN_ENDPOINT: 'tokenEndpoint',
};

export type Variables = Readonly<Record<string, string | undefined>>;

/** Names that begin with `ROWBACK_` and mean nothing: most likely misspelt. */
export function unknownVariables(variables: Variables): string[] {
  const known = new Set([...Object.keys(places), ...Object.keys(ofEnvironment), ...others]);
  return Object.keys(variables).filter((name) => name.startsWith('ROWBACK_') && !known.has(name));
}
const others = ['ROWBACK_CONFIG', 'ROWBACK_ENVIRONMENT', 'ROWBACK_LOG_LEVEL'];

/** Which variable set the value at this path, for messages. */
export function variableAt(path: readonly PropertyKey[], variables: Variables): string | null {
  const last = String(path.at(-1) ?? '');
  const found = Object.entries(places).find(([, place]) => place.every((part, at) => path[at] === part))?.[0];
  const ofOne = Object.entries(ofEnvironment).find(
    ([, key]) => path[0] === 'environments' && key === last,
  )?.[0];
  const name = found ?? ofOne;
  return name !== undefined && variables[name] !== undefined ? name : null;
}

/**
 * The content of the file with the variables put over it. Those of an environment (`ROWBACK_CLIENT_ID`, …) go to the
 * chosen one, or make one when `chosen` is an address that the file does not know.
 */
export function withVariables(content: unknown, variables: Variables, chosen: string | undefined): unknown {
  // The content is a fresh copy from the parser; anything but an object is left for the schema to refuse.
  if (!isRecord(content)) return content;
  const merged = structuredClone(content);
  for (const [name, place] of Object.entries(places)) {
    const value = variables[name];
    if (value !== undefined) put(merged, place, parsed(name, value));
  }
  putEnvironment(merged, variables, chosen);
  return merged;
}

function putEnvironment(
  merged: Record<string, unknown>,
  variables: Variables,
  chosen: string | undefined,
): void {
  const values = Object.entries(ofEnvironment).flatMap(([name, key]) => {
    const value = variables[name];
    return value === undefined ? [] : [[key, environmentValue(key, value, name)] as const];
  });
  const list = Array.isArray(merged['environments']) ? (merged['environments'] as unknown[]) : [];
  const records = list.filter(isRecord);
  const found = chosen === undefined ? records : records.filter((one) => isChosen(one, chosen));
  const isNew = found.length === 0 && chosen !== undefined && URL.canParse(chosen);
  if (isNew)
    merged['environments'] = [
      ...list,
      { name: new URL(chosen).hostname, url: chosen, ...Object.fromEntries(values) },
    ];
  else if (found.length === 1 && found[0] !== undefined) Object.assign(found[0], Object.fromEntries(values));
}

function isChosen(environment: Record<string, unknown>, chosen: string): boolean {
  if (environment['name'] === chosen) return true;
  const url = environment['url'];
  if (typeof url !== 'string' || !URL.canParse(url) || !URL.canParse(chosen)) return false;
  return new URL(url).origin === new URL(chosen).origin;
}

/** A secret in a variable is referred to, so that it never stands in the merged configuration. */
function environmentValue(key: string, value: string, name: string): unknown {
  if (key === 'clientSecret') return { env: name };
  if (key === 'certificate') return { file: value };
  if (key === 'managedIdentity') return value === 'true' ? true : { clientId: value };
  return value;
}

function parsed(name: string, value: string): unknown {
  if (name === 'ROWBACK_POLICY_FILES') return value === 'true' ? true : value === 'false' ? false : value;
  if (name === 'ROWBACK_POLICY_INCLUDE' || name === 'ROWBACK_POLICY_EXCLUDE') {
    return value.split(',').map((part) => part.trim());
  }
  return value;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const below = target[first];
  const inner = isRecord(below) ? below : {};
  target[first] = inner;
  put(inner, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
