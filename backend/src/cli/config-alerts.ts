import { resolve } from 'node:path';
import { usualAlertPolicy } from '../jobs/alerts/policy.ts';
import type { AlertPolicy, SecretSource } from '../jobs/settings.ts';
import type { ConfiguredAlerts, ConfiguredSecret } from './config-schema.ts';

/** A threshold that is given replaces ours whole: who names rows alone wants no percentage beside it. */
export function alertsOf(given: ConfiguredAlerts, folder: string): AlertPolicy {
  return {
    changed: thresholdOf(given.changed) ?? usualAlertPolicy.changed,
    deleted: thresholdOf(given.deleted) ?? usualAlertPolicy.deleted,
    allow: (given.allow ?? []).map(({ tables, by, operations, why }) => ({
      tables,
      by: by ?? [],
      operations: operations ?? ['changed', 'deleted'],
      why,
    })),
    lateIntervals: given.late ?? usualAlertPolicy.lateIntervals,
    webhooks: (given.webhooks ?? []).map(({ url, secret }) => ({ url, secret: secretOf(secret, folder) })),
  };
}

/** Where a secret is, a file's path from the configuration's folder on. */
export function secretOf(secret: ConfiguredSecret, folder: string): SecretSource {
  if (typeof secret === 'string') return { kind: 'literal', value: secret };
  if ('env' in secret) return { kind: 'env', name: secret.env };
  return { kind: 'file', path: resolve(folder, secret.file) };
}

function thresholdOf(given: ConfiguredAlerts['changed']): AlertPolicy['changed'] | null {
  return given === undefined ? null : { rows: given.rows ?? null, percent: given.percent ?? null };
}
