import { dirname, resolve } from 'node:path';
import { InputError } from '../base/errors.ts';
import { alertsOf, secretOf } from './config-alerts.ts';
import type {
  ApiSettings,
  EnvironmentSettings,
  Policy,
  QuietHours,
  Settings,
  SignIn,
} from '../jobs/settings.ts';
import { findConfigFile, readConfigFile, type ConfigFile } from './config-file.ts';
import {
  configuration,
  type Configuration,
  type ConfiguredEnvironment,
  type ConfiguredIdentity,
  type ConfiguredPolicy,
} from './config-schema.ts';
import { unknownVariables, variableAt, withVariables, type Variables } from './config-variables.ts';

export interface ConfigSource {
  /** `--config`. */
  readonly path?: string | undefined;
  /** `--environment`. */
  readonly environment?: string | undefined;
  readonly variables: Variables;
  readonly folder: string;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Null: everything came from variables. */
  readonly path: string | null;
  /** The environment that was chosen with `--environment` or `ROWBACK_ENVIRONMENT`. */
  readonly chosen: string | undefined;
  readonly warnings: readonly string[];
}

/** Reads, merges and checks the configuration. Throws `configuration-missing` or `configuration-invalid`. */
export function loadSettings(source: ConfigSource): LoadedSettings {
  const path = findConfigFile(source.path ?? source.variables['ROWBACK_CONFIG'], source.folder);
  const file = path === null ? null : readConfigFile(path);
  const chosen = source.environment ?? source.variables['ROWBACK_ENVIRONMENT'];
  const parsed = configuration.safeParse(withVariables(file?.content ?? {}, source.variables, chosen));
  if (!parsed.success) throw invalid(file, source.variables, parsed.error.issues);
  const folder = path === null ? source.folder : dirname(path);
  const unknown = unknownVariables(source.variables);
  return {
    settings: settingsOf(parsed.data, folder),
    path,
    chosen,
    warnings: unknown.map((name) => `${name} means nothing to Rowback; is it misspelt?`),
  };
}

/** The environment to work on. Throws `environment-unknown` or `environment-needed`. */
export function chooseEnvironment(settings: Settings, chosen: string | undefined): EnvironmentSettings {
  const { environments } = settings;
  const names = environments.map((one) => one.name).join(', ');
  if (chosen === undefined) {
    const [only] = environments;
    if (only !== undefined && environments.length === 1) return only;
    throw new InputError('environment-needed', `The configuration has ${environments.length} environments.`, {
      hint:
        names === ''
          ? 'Add one under environments: in rowback.yaml.'
          : `Choose one with --environment: ${names}.`,
    });
  }
  const origin = URL.canParse(chosen) ? new URL(chosen).origin : null;
  const found = environments.find((one) => one.name === chosen || one.url === origin);
  if (found !== undefined) return found;
  throw new InputError('environment-unknown', `There is no environment ${chosen} in the configuration.`, {
    hint: names === '' ? 'Add it under environments: in rowback.yaml.' : `Known are: ${names}.`,
  });
}

function invalid(
  file: ConfigFile | null,
  variables: Variables,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): InputError {
  const lines = issues.map((issue) => {
    const name = issue.path.map(String).join('.') || 'the file';
    const variable = variableAt(issue.path, variables);
    const line = file?.lineOf(issue.path) ?? null;
    const where = variable ?? (file === null || line === null ? 'the configuration' : `${file.path}:${line}`);
    return `${where}: ${name}: ${issue.message}`;
  });
  return new InputError('configuration-invalid', `The configuration is not valid.\n${lines.join('\n')}`, {
    hint: 'Correct the named places. docs/cli.md lists every key.',
  });
}

function settingsOf(config: Configuration, folder: string): Settings {
  if (config.storage === undefined) {
    throw new InputError(
      'configuration-missing',
      'No storage is configured, and no rowback.yaml was found.',
      {
        hint: 'Run inside a folder with rowback.yaml, give --config, or set ROWBACK_STORAGE. `npm start` writes one for its demo.',
      },
    );
  }
  return {
    storage: config.storage,
    container: config.container ?? 'rowback',
    scratch: config.scratch === undefined ? null : resolve(folder, config.scratch),
    environments: (config.environments ?? []).map((one) => environmentOf(one, config.policy, folder)),
    api: apiOf(config),
  };
}

function environmentOf(
  one: ConfiguredEnvironment,
  general: ConfiguredPolicy | undefined,
  folder: string,
): EnvironmentSettings {
  return {
    name: one.name,
    url: one.url,
    tenantId: one.tenantId ?? '',
    signIn: signInOf(one, folder),
    readers: (one.readers ?? []).map((reader) => signInOf(reader, folder)),
    authority: one.authority ?? null,
    tokenEndpoint: one.tokenEndpoint ?? null,
    policy: policyOf(one.policy, general, folder),
  };
}

function signInOf(one: ConfiguredIdentity, folder: string): SignIn {
  const clientId = one.clientId ?? '';
  if (one.managedIdentity !== undefined) {
    return {
      kind: 'managed-identity',
      clientId: one.managedIdentity === true ? null : one.managedIdentity.clientId,
    };
  }
  if (one.certificate !== undefined) {
    const { file, keyFile } = one.certificate;
    return {
      kind: 'certificate',
      clientId,
      path: resolve(folder, file),
      keyPath: resolve(folder, keyFile ?? file),
    };
  }
  return { kind: 'secret', clientId, secret: secretOf(one.clientSecret ?? '', folder) };
}

/**
 * Half of one web server's limits: enough to read 50,000 rows a second, and the environment's users never feel us. Only
 * with all of it do we go on until the service refuses.
 */
const usualShare = 0.5;

/** An environment's own policy goes key by key before the general one. */
function policyOf(
  own: ConfiguredPolicy | undefined,
  general: ConfiguredPolicy | undefined,
  folder: string,
): Policy {
  return {
    name: own !== undefined ? 'environment' : general !== undefined ? 'general' : 'default',
    include: own?.tables?.include ?? general?.tables?.include ?? ['*'],
    exclude: own?.tables?.exclude ?? general?.tables?.exclude ?? [],
    elastic: own?.elastic ?? general?.elastic ?? true,
    files: own?.files ?? general?.files ?? true,
    everyMs: own?.every ?? general?.every ?? null,
    quiet: quietOf(own?.quiet ?? general?.quiet),
    dailyRequests: own?.dailyRequests ?? general?.dailyRequests ?? null,
    share: own?.share ?? general?.share ?? usualShare,
    alerts: alertsOf({ ...general?.alerts, ...own?.alerts }, folder),
  };
}

function quietOf(hours: ConfiguredPolicy['quiet'] = []): QuietHours[] {
  return hours.map(({ days, ...rest }) => ({ ...rest, ...(days === undefined ? {} : { days }) }));
}

function apiOf({ api }: Configuration): ApiSettings {
  const tenant = api?.tenantId;
  const entra = 'https://login.microsoftonline.com';
  return {
    host: api?.host ?? '127.0.0.1',
    port: api?.port ?? 7070,
    issuer: api?.issuer ?? (tenant === undefined ? null : `${entra}/${tenant}/v2.0`),
    audience: api?.audience ?? null,
    jwksUri: api?.jwksUri ?? (tenant === undefined ? null : `${entra}/${tenant}/discovery/v2.0/keys`),
  };
}
