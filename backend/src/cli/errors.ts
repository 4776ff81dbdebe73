import { InputError } from '../base/errors.ts';

export function confirmationNeeded(planId: string): InputError {
  return new InputError('confirmation-needed', 'Nothing was written: a restore must be confirmed.', {
    hint: `Look at the plan with --dry-run, then run it: rowback restore --plan ${planId} --yes.`,
    context: { plan: planId },
  });
}

export function nothingNamed(): InputError {
  return new InputError('record-needed', 'No record was named.', {
    hint: 'Give a table and an id (rowback restore account 0f2c…), or a plan with --plan <id>.',
  });
}

export function planSaysIt(): InputError {
  return new InputError('input-invalid', 'A plan says which record, point and columns it restores.', {
    hint: 'Give --plan with --yes or --dry-run alone, or make a new plan.',
  });
}

export function apiNotConfigured(missing: readonly string[]): InputError {
  return new InputError('api-not-configured', `The API cannot check tokens: ${missing.join(', ')} not set.`, {
    hint: 'Set api.tenantId and api.audience in rowback.yaml (ROWBACK_API_TENANT_ID, ROWBACK_API_AUDIENCE).',
  });
}

export function noEnvironments(): InputError {
  return new InputError('environment-needed', 'The configuration has no environment to serve.', {
    hint: 'Add one under environments: in rowback.yaml.',
  });
}

export function logLevelUnknown(level: string, known: readonly string[]): InputError {
  return new InputError('log-level-unknown', `ROWBACK_LOG_LEVEL is ${JSON.stringify(level)}.`, {
    hint: `Give one of ${known.join(', ')}; debug tells of each request to Dataverse.`,
  });
}
