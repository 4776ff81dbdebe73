import type { Reason } from './report.ts';

/**
 * The way to change it, by reason. What a plan has said itself when the snapshot was taken comes first; a code that is
 * not listed here gets the general way.
 */
const tableHints: Readonly<Record<string, string>> = {
  virtual: 'Back up the system that its rows live in. Dataverse stores none of them.',
  'not-exposed': 'There is nothing to switch on: the platform lets no program read its rows.',
  own: 'Nothing to do: it holds no data of yours.',
  policy: 'Take the table in: name it in tables.include of the policy, or remove it from tables.exclude.',
  'no-privilege': 'Give the application user a role with read on this table for the whole organization.',
  definition: 'Keep the solutions in source control: importing them brings it back.',
  'solution-machinery': 'Keep the solutions in source control: importing them makes it again.',
  'security-model':
    'Keep roles and profiles in a solution. Their names and what profiles allow are in the metadata of each snapshot.',
  log: 'Nothing to restore. To keep it all the same, name the table exactly in tables.include of the policy.',
  cache: 'Nothing to restore: the platform fills it again.',
  'platform-constant': 'Nothing to restore: every environment has it.',
  'within-calendar':
    'Nothing can switch it on. Keep a list of working hours, holidays and days off elsewhere.',
  configuration: 'Nothing to restore: the platform keeps it for itself.',
  'content-mirror': 'Nothing to do: the contents are in the vault with the rows that they belong to.',
  abstract: 'Nothing to do: users and teams have tables of their own, which are read.',
  'activity-base': 'Nothing to do: each kind of activity has a table of its own, which is read.',
  audit: 'Name the table audit exactly in tables.include of the policy to keep its rows.',
};

const columnHints: Readonly<Record<string, string>> = {
  'not-readable': 'There is nothing to switch on: the platform gives this column to no program.',
  'not-a-value': 'Nothing to do where the rows that it stands for are in tables of their own.',
  secured:
    'Give the application user a column security profile that allows read on this column; take a masking rule off it.',
  policy: 'Set files to true in the policy.',
};

const inclusion = 'Name the table exactly in tables.include of the policy to take it in.';

export function tableReason(excluded: {
  readonly code: string;
  readonly why: string;
  readonly hint?: string | null;
}): Reason {
  const { code, why } = excluded;
  return { code, why, hint: excluded.hint ?? tableHints[code] ?? inclusion };
}

export function columnReason(leftOut: {
  readonly code: string;
  readonly why: string;
  readonly hint?: string | null;
}): Reason {
  const { code, why } = leftOut;
  const hint =
    leftOut.hint ?? columnHints[code] ?? 'Look into the policy: it decides which columns are read.';
  return { code, why, hint };
}

/** Columns left out for these reasons hold data that a person would miss, and somebody can change it. */
export const losing: ReadonlySet<string> = new Set(['secured', 'policy', 'not-read-yet']);

export const computed: Reason = {
  code: 'computed',
  why: 'the platform computes it: kept as it was when the row was read, never compared and never restored',
  hint: 'Nothing to do: the platform computes it again from what is restored.',
};

export const columnNotReadYet: Reason = {
  code: 'not-read-yet',
  why: 'it came, or became readable, after the table was last read',
  hint: 'The next backup reads it. If it stays, run `rowback doctor`.',
};

export const tableNotReadYet: Reason = {
  code: 'not-read-yet',
  why: 'the policy takes it in and no backup has read it yet',
  hint: 'Run a backup of all tables.',
};

export const firstReadUnfinished: Reason = {
  code: 'first-read-unfinished',
  why: 'its first read is not finished: that a row is absent proves nothing yet',
  hint: 'Run the backup again; it goes on where it stopped.',
};

export function stale(since: string | null, errors: readonly { code: string; message: string }[]): Reason {
  const [error] = errors;
  const state = since === null ? 'an earlier state' : `its state of ${since}`;
  return {
    code: 'stale',
    why:
      error === undefined
        ? `this run did not read it; the vault has ${state}`
        : `it could not be read (${error.code}: ${error.message}); the vault has ${state}`,
    hint: error === undefined ? 'Run a backup of all tables.' : errorHint(error.code),
  };
}

export function failed(errors: readonly { code: string; message: string }[]): Reason {
  const [error] = errors;
  return {
    code: 'failed',
    why:
      error === undefined ? 'no read of it succeeded' : `no read succeeded (${error.code}: ${error.message})`,
    hint: errorHint(error?.code),
  };
}

function errorHint(code: string | undefined): string {
  const look = 'Run `rowback doctor`, mend what it names, and back up again.';
  return code === undefined ? look : `docs/errors.md says what ${code} asks for. ${look}`;
}

export function noLongerRead(since: string | null): Reason {
  return {
    code: 'no-longer-read',
    why: `earlier versions are in the vault, changes${since === null ? '' : ` since ${since}`} are not`,
    hint: 'Earlier versions can be restored. Remove the reason above to have it read again.',
  };
}

export function filesPending(count: number): Reason {
  return {
    code: 'files-pending',
    why: `${count} contents are named by rows and not in the vault yet`,
    hint: 'Back up again; if the policy leaves files out, set files to true.',
  };
}

export function filesLost(count: number): Reason {
  return {
    code: 'files-lost',
    why: `${count} contents were replaced, removed or blocked by the platform before they could be read`,
    hint: 'Back up more often. A file that the platform blocks as malicious can be read by nobody.',
  };
}

export const columnsMissing: Reason = {
  code: 'columns-missing',
  why: 'columns that hold data are not captured; they are named with their reasons',
  hint: 'Look at its columns: each says the way to change it.',
};

export function tokenAges(age: { readonly days: number; readonly kept: number }): Reason {
  const used = `the change token is ${age.days.toFixed(1)} days old`;
  const hint = 'Back up more often, or raise expirechangetrackingindays of the organization.';
  return age.days >= age.kept
    ? {
        code: 'token-expired',
        why: `${used}; the service keeps changes for ${age.kept}, so the next run reads the whole table`,
        hint,
      }
    : { code: 'token-expires', why: `${used}; the service refuses it after ${age.kept}`, hint };
}

export function feedFault(missed: {
  readonly at: string;
  readonly put: number;
  readonly gone: number;
}): Reason {
  return {
    code: 'feed-fault',
    why: `the sweep of ${missed.at} found ${missed.put} created or changed and ${missed.gone} deleted rows that the service's list of changes had not shown; they are in the vault since then`,
    hint: 'Nothing to do for the rows. If it comes back, open a ticket with Microsoft: change tracking of this table leaves changes out.',
  };
}

export const auditOff: Reason = {
  code: 'audit-off',
  why: 'auditing is off, so nobody can prove who made a change: a restore can only tell who saved a row last',
  hint: 'Switch auditing on in the environment’s settings and for the tables that matter.',
};

export const noMetadata: Reason = {
  code: 'no-metadata',
  why: 'this snapshot was taken before metadata was kept: it knows only what was read and what was left out by name',
  hint: 'Take a new snapshot.',
};

export const securityNotCaptured: Reason = {
  code: 'security-not-captured',
  why: 'the application user may not read roles or column security profiles, so their names are not in the vault',
  hint: 'Give it read on security roles and column security profiles for the whole organization.',
};

export const outOfScope = [
  {
    what: 'Cloud flows and classic workflows',
    why: 'they are logic, not rows',
    hint: 'Keep them in solutions, and the solutions in source control.',
  },
  {
    what: 'Apps (model-driven and canvas) and their pages',
    why: 'they are made of components that have to be published',
    hint: 'Keep them in solutions, and the solutions in source control.',
  },
  {
    what: 'Power Pages',
    why: 'sites are configuration that is deployed',
    hint: 'Download them with the Power Platform CLI (pac pages download).',
  },
  {
    what: 'Solution packages',
    why: 'installed packages cannot be put back as rows',
    hint: 'Keep the packages; export unmanaged solutions on a schedule.',
  },
  {
    what: 'Power BI reports and semantic models',
    why: 'they are stored in Power BI',
    hint: 'Use Git integration of the Power BI workspace.',
  },
  {
    what: 'Dataverse for Teams',
    why: 'the platform lets no program read such environments',
    hint: 'Upgrade the environment to Dataverse.',
  },
  {
    what: 'Files in SharePoint and OneDrive, mailboxes, and rows of virtual tables',
    why: 'they are stored outside Dataverse, which only points to them',
    hint: 'Back up those services themselves.',
  },
] as const;
