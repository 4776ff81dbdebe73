import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InputError } from '../base/errors.ts';
import { usualAlertPolicy } from '../jobs/alerts/policy.ts';
import { chooseEnvironment, loadSettings } from './config.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rowback-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const whole = `storage: UseDevelopmentStorage=true
container: vault
policy:
  every: 5m
environments:
  - name: demo
    url: https://contoso.crm4.dynamics.com/
    tenantId: contoso.com
    clientId: 11111111-1111-4111-8111-111111111111
    clientSecret: { env: CONTOSO_SECRET }
    policy:
      tables: { include: [account, 'new_*'], exclude: [new_log] }
      files: false
api:
  tenantId: contoso.com
  audience: api://rowback
`;

function load(text: string | null, variables: Record<string, string> = {}, environment?: string) {
  if (text !== null) writeFileSync(join(folder, 'rowback.yaml'), text);
  return loadSettings({ variables, folder, environment });
}

function complaint(
  text: string | null,
  variables: Record<string, string> = {},
  environment?: string,
): InputError {
  try {
    load(text, variables, environment);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('a whole configuration', () => {
  test('is read with its defaults, an environment’s own policy before the general one', () => {
    const { settings } = load(whole);
    expect(settings.container).toBe('vault');
    expect(settings.api).toMatchObject({
      host: '127.0.0.1',
      port: 7070,
      issuer: 'https://login.microsoftonline.com/contoso.com/v2.0',
    });
    const environment = chooseEnvironment(settings, undefined);
    expect(environment.url).toBe('https://contoso.crm4.dynamics.com');
    expect(environment.policy).toEqual({
      name: 'environment',
      include: ['account', 'new_*'],
      exclude: ['new_log'],
      files: false,
      elastic: true,
      everyMs: 300_000,
      quiet: [],
      share: 0.5,
      dailyRequests: null,
      alerts: usualAlertPolicy,
    });
    expect(environment.signIn).toMatchObject({
      kind: 'secret',
      secret: { kind: 'env', name: 'CONTOSO_SECRET' },
    });
  });

  test('is found in a folder above, and in .rowback where there is none', () => {
    mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true });
    mkdirSync(join(folder, '.rowback'));
    writeFileSync(join(folder, '.rowback', 'rowback.yaml'), 'storage: hidden\n');
    const below = { variables: {}, folder: join(folder, 'deep', 'deeper') };
    expect(loadSettings(below).settings.storage).toBe('hidden');
    writeFileSync(join(folder, 'rowback.yaml'), 'storage: plain\n');
    expect(loadSettings(below).settings.storage).toBe('plain');
  });

  test('gives way to variables, which never put a secret into it', () => {
    const variables = { ROWBACK_STORAGE: 'elsewhere', ROWBACK_CLIENT_SECRET: 'hush', ROWBACK_API_PORT: '0' };
    const { settings } = load(whole, variables, 'demo');
    expect(settings.storage).toBe('elsewhere');
    expect(settings.api.port).toBe(0);
    expect(JSON.stringify(settings)).not.toContain('hush');
    expect(settings.environments[0]?.signIn).toMatchObject({
      secret: { kind: 'env', name: 'ROWBACK_CLIENT_SECRET' },
    });
  });

  test('can come from variables alone, the environment by its address', () => {
    const { settings, chosen } = load(null, {
      ROWBACK_STORAGE: 'x',
      ROWBACK_ENVIRONMENT: 'https://fabrikam.crm.dynamics.com',
      ROWBACK_TENANT_ID: 't',
      ROWBACK_CLIENT_ID: 'c',
      ROWBACK_CLIENT_SECRET: 's',
    });
    expect(chooseEnvironment(settings, chosen).name).toBe('fabrikam.crm.dynamics.com');
  });
});

test('a share and further application users are read', () => {
  const readers =
    '    readers: [{ managedIdentity: true }, { clientId: r, certificate: { file: r.pem } }]\n    policy:\n      share: 0.25\n      dailyRequests: 40000\n      tables';
  const { settings } = load(whole.replace('    policy:\n      tables', readers));
  const environment = chooseEnvironment(settings, undefined);
  expect(environment.policy.share).toBe(0.25);
  expect(environment.policy.dailyRequests).toBe(40_000);
  expect(environment.readers).toEqual([
    { kind: 'managed-identity', clientId: null },
    { kind: 'certificate', clientId: 'r', path: join(folder, 'r.pem'), keyPath: join(folder, 'r.pem') },
  ]);
  expect(load(whole, { ROWBACK_POLICY_SHARE: '0.75' }, 'demo').settings.environments[0]?.policy.share).toBe(
    0.75,
  );
});

describe('alerts', () => {
  const alerts = (text: string) => whole.replace('every: 5m', `every: 5m\n  alerts:\n${text}`);

  test('are read with thresholds, known jobs and webhooks; a threshold replaces ours whole', () => {
    const { settings } = load(
      alerts(
        `    changed: { rows: 5000 }
    late: 4
    allow:
      - { tables: ['con*'], by: [6F1E0000-0000-4000-8000-00000000000A], why: nightly sync }
    webhooks:
      - { url: 'https://hooks.example/a', secret: { env: HOOK } }
      - { url: 'http://127.0.0.1:9/b', secret: whsec_local }
`,
      ),
    );
    expect(settings.environments[0]?.policy.alerts).toEqual({
      changed: { rows: 5000, percent: null },
      deleted: usualAlertPolicy.deleted,
      lateIntervals: 4,
      allow: [
        {
          tables: ['con*'],
          by: ['6f1e0000-0000-4000-8000-00000000000a'],
          operations: ['changed', 'deleted'],
          why: 'nightly sync',
        },
      ],
      webhooks: [
        { url: 'https://hooks.example/a', secret: { kind: 'env', name: 'HOOK' } },
        { url: 'http://127.0.0.1:9/b', secret: { kind: 'literal', value: 'whsec_local' } },
      ],
    });
  });

  test.each([
    ['    changed: { rows: 0 }', 'policy.alerts.changed.rows'],
    ['    deleted: { percent: 101 }', 'policy.alerts.deleted.percent'],
    ['    late: 1', 'policy.alerts.late'],
    ['    allow: [{ tables: [contact], by: [svc-flow], why: x }]', 'policy.alerts.allow.0.by.0'],
    ["    webhooks: [{ url: 'http://hooks.example', secret: { env: A } }]", 'policy.alerts.webhooks.0.url'],
  ])('%s is refused with its line', (text, place) => {
    expect(complaint(alerts(text)).message).toContain(`rowback.yaml:6: ${place}: `);
  });

  test('a webhook’s secret in the file is refused and not repeated', () => {
    const { message } = complaint(alerts("    webhooks: [{ url: 'https://hooks.example', secret: hush }]"));
    expect(message).toContain('may not stand in the file');
    expect(message).not.toContain('hush');
  });
});

describe('what is wrong is named with its line', () => {
  test('an unknown key', () => {
    const error = complaint('storage: x\ncontainr: y\n');
    expect(error.code).toBe('configuration-invalid');
    expect(error.message).toContain('containr');
  });

  test('a value of the wrong kind, deep inside', () => {
    const error = complaint(whole.replace('every: 5m', 'every: often'));
    expect(error.message).toMatch(/rowback\.yaml:4: policy\.every: /);
  });

  test('an interval below five minutes, but for an environment on this machine', () => {
    const often = whole.replace('every: 5m', 'every: 299s');
    expect(complaint(often).message).toMatch(/rowback\.yaml:4: policy\.every: is at least 5m/);
    const own = complaint(whole.replace('      files: false', '      every: 1m'));
    expect(own.message).toContain('environments.0.policy.every: is at least 5m');
    const local = often.replace('https://contoso.crm4.dynamics.com/', 'http://127.0.0.1:8080');
    expect(load(local).settings.environments[0]?.policy.everyMs).toBe(299_000);
  });

  test.each([
    ["quiet: [{ from: '08:00', to: '8:00', timeZone: UTC }]", 'policy.quiet.0.to'],
    ["quiet: [{ from: '08:00', to: '08:00', timeZone: UTC }]", 'policy.quiet.0.to: is another time'],
    ["quiet: [{ from: '08:00', to: '09:00', timeZone: Zurich }]", 'policy.quiet.0.timeZone: is the name of'],
    ["tables: { exclude: ['kind:strange'] }", 'policy.tables.exclude.0: is a logical name'],
    ['elastic: 3', 'policy.elastic'],
  ])('%s', (text, place) => {
    expect(complaint(whole.replace('every: 5m', text)).message).toContain(`rowback.yaml:4: ${place}`);
  });

  test('a literal secret for an environment that is not on this machine', () => {
    const error = complaint(whole.replace('{ env: CONTOSO_SECRET }', 'hush'));
    expect(error.message).toContain('may not stand in the file');
    expect(error.message).not.toContain('hush');
  });

  test.each(['0', '1.5', 'most'])('a share of %s', (share) => {
    const error = complaint(whole.replace('every: 5m', `share: ${share}`));
    expect(error.message).toMatch(/rowback\.yaml:4: policy\.share: /);
  });

  test('a reader without a way to sign in, and one whose secret stands in the file', () => {
    const readers =
      '    readers: [{ clientId: a }, { clientId: b, clientSecret: hush }]\n    policy:\n      tables';
    const error = complaint(whole.replace('    policy:\n      tables', readers));
    expect(error.message).toContain('readers.0.clientSecret: give exactly one of');
    expect(error.message).toContain('readers.1.clientSecret: may not stand in the file');
    expect(error.message).not.toContain('hush');
  });

  test('two ways to sign in', () => {
    const error = complaint(
      whole.replace('    policy:\n      tables', '    managedIdentity: true\n    policy:\n      tables'),
    );
    expect(error.message).toContain('exactly one of');
  });

  test('http for an address that is not on this machine', () => {
    expect(complaint(whole.replace('https://contoso', 'http://contoso')).message).toContain('must be https');
  });

  test('a variable, by its own name', () => {
    expect(complaint(whole, { ROWBACK_API_PORT: 'many' }).message).toContain('ROWBACK_API_PORT: api.port');
  });

  test('text that is no YAML', () => {
    expect(complaint('storage: [x\n').message).toContain('not valid YAML');
  });
});

test('without any configuration the way to one is named', () => {
  expect(complaint(null)).toMatchObject({ code: 'configuration-missing' });
});

test('an environment that is not configured is refused, with those that are', () => {
  const { settings } = load(whole);
  expect(() => chooseEnvironment(settings, 'prod')).toThrow('There is no environment prod');
});

test('a misspelt variable is warned of', () => {
  expect(load(whole, { ROWBACK_STORGE: 'x' }).warnings).toEqual([
    'ROWBACK_STORGE means nothing to Rowback; is it misspelt?',
  ]);
});
