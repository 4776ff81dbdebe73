import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import type { Policy } from './settings.ts';

export function backupRunning(environment: string): RefusedError {
  return new RefusedError('backup-running', `A backup of ${environment} is running already.`, {
    hint: 'Wait until it ends, or follow it with its id.',
  });
}

export function backupQueued(environment: string): RefusedError {
  return new RefusedError('backup-running', `A backup of ${environment} is under way in the queue.`, {
    hint: 'Wait until it ends, see it with `rowback jobs`, or end it with `rowback jobs --cancel`. When no worker is at it any more, it gives way within a minute.',
  });
}

export function runAbandoned(): RowbackError {
  return new RowbackError('run-abandoned', 'No worker was at this backup any more when another one began.', {
    hint: 'Nothing is lost: the other backup went on where this one stopped. See that `rowback serve` runs.',
  });
}

export function backupNotQueued(environment: string): InputError {
  return new InputError('backup-not-queued', `No backup of ${environment} is under way in the queue.`, {
    hint: 'A backup that runs in a command line is ended there, with Ctrl-C.',
  });
}

/** A right that is missing is another matter: it is said table by table. */
export function policyMatchesNothing({ include, exclude }: Pick<Policy, 'include' | 'exclude'>): InputError {
  const without = exclude.length === 0 ? '' : ` without ${exclude.join(', ')}`;
  return new InputError(
    'policy-matches-nothing',
    `The policy takes in ${include.join(', ')}${without}, and no table of the environment is left to back up.`,
    {
      hint: 'Correct policy.tables in rowback.yaml: logical names in lower case, * for any characters, or kind:custom and the like. Nothing was backed up.',
    },
  );
}

/** Whoever took the message ended each time before it could say why: killed, or out of memory. */
export function messagePoisoned(step: string): RowbackError {
  return new RowbackError(
    'message-poisoned',
    `Every worker that took this step ended in the middle of it: ${step}.`,
    {
      hint: 'See why the workers ended (memory, restarts). The next run tries the table again and goes on where it stopped.',
    },
  );
}

export function backupMissing(id: string): InputError {
  return new InputError('backup-missing', `There is no backup ${id} of this environment.`, {
    hint: 'The newest hundred are remembered. Snapshots tell of all backups: list them.',
  });
}

export function metadataNotKept(snapshot: string): InputError {
  return new InputError('metadata-not-kept', `The snapshot ${snapshot} was taken before metadata was kept.`, {
    hint: 'Compare snapshots that were taken later.',
  });
}

export function tablesUnknown(names: readonly string[]): InputError {
  return new InputError('table-unknown', `Not in the backup plan: ${names.join(', ')}.`, {
    hint: 'Use logical names. `rowback plan` lists the tables that are backed up, and why others are not.',
  });
}

export function pointTwice(): InputError {
  return new InputError('input-invalid', 'Both a point in time and a version were given.', {
    hint: 'Give one of them: at, or version.',
  });
}

/** The environment cannot be opened as configured. */
export class OpenError extends RowbackError {}

export function secretMissing(where: string): InputError {
  return new InputError('secret-missing', `The client secret is not there: ${where}.`, {
    hint: 'Set the variable or the file that rowback.yaml names for clientSecret.',
  });
}

export function vaultMissing(id: string | undefined, known: readonly string[]): InputError {
  const message = id === undefined ? 'There is no vault in this container.' : `There is no vault of ${id}.`;
  return new InputError('vault-missing', message, {
    hint:
      known.length === 0
        ? 'Check storage and container in the configuration; the first backup makes the vault.'
        : `There are vaults of: ${known.join(', ')}.`,
  });
}

export function webhookSecretInvalid(host: string): InputError {
  return new InputError('webhook-secret-invalid', `The secret of the webhook at ${host} has another form.`, {
    hint: 'It is whsec_ and at least 24 random bytes in base64: echo "whsec_$(openssl rand -base64 32)".',
  });
}

export function certificateUnreadable(path: string, cause: unknown): InputError {
  return new InputError('certificate-unreadable', `The certificate ${path} cannot be read.`, {
    hint: 'Give a PEM file with the certificate, and its private key in the same file or as keyFile.',
    cause,
  });
}

export function teamsEnvironment(name: string): RefusedError {
  return new RefusedError('teams-environment', `${name} is a Dataverse for Teams environment.`, {
    hint: 'Its Web API may not be used by other programs. Upgrade the environment to Dataverse to back it up.',
  });
}

export function readerNotAdministrator(name: string, at: number): RefusedError {
  return new RefusedError(
    'reader-not-administrator',
    `Number ${at + 1} of the readers of ${name} is no System Administrator.`,
    {
      hint: 'Give its application user the role System Administrator, or take it out of readers: with fewer rights it would see fewer rows, and a backup would take the others for deleted.',
    },
  );
}

export function environmentUnreachable(name: string, cause: RowbackError): OpenError {
  return new OpenError(cause.code, `The environment ${name} cannot be opened: ${cause.message}`, {
    hint: cause.hint,
    context: cause.context,
    cause,
  });
}
