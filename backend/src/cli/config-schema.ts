import { z } from 'zod';
import { tableKinds } from '../jobs/settings.ts';

const text = z.string().trim().min(1);
const local = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/** On this machine: secrets may stand in the file and tokens may come over http. */
export function isLocal(url: string): boolean {
  return URL.canParse(url) && local.test(new URL(url).hostname);
}

const origin = z
  .url({ protocol: /^https?$/, error: 'is an address such as https://contoso.crm4.dynamics.com' })
  .refine((url) => url.startsWith('https:') || isLocal(url), 'must be https; http is for this machine only')
  .transform((url) => new URL(url).origin);

const pattern = z
  .string()
  .regex(/^[a-z0-9_*]+$/, 'is a logical name in lower case, in which * stands for any characters');

const choice = z
  .string()
  .regex(
    new RegExp(`^(kind:(${tableKinds.join('|')})|[a-z0-9_*]+)$`),
    `is a logical name in lower case, in which * stands for any characters, or kind: with one of ${tableKinds.join(', ')}`,
  );

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time such as "08:30", in quotes');
const quietHours = z
  .strictObject({
    from: time,
    to: time,
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .optional(),
    timeZone: text.refine(isTimeZone, 'is the name of a time zone, such as Europe/Zurich'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'is another time than from' });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // RangeError: nothing is called so.
    return false;
  }
}

const every = z
  .string()
  .regex(/^[1-9]\d*(s|m|h|d)$/, 'is a number with s, m, h or d, such as 5m')
  .transform((value) => Number(value.slice(0, -1)) * unitMs[value.slice(-1) as keyof typeof unitMs]);
const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const secret = z.union([z.strictObject({ env: text }), z.strictObject({ file: text }), text]);

const threshold = z
  .strictObject({
    rows: z.number().int().positive().optional(),
    percent: z.number().gt(0, 'is above 0').max(100, 'is at most 100').optional(),
  })
  .optional();

const guid = z.guid('is the id of a user, such as 00000000-0000-0000-0000-000000000000').transform(lowerCase);
function lowerCase(id: string): string {
  return id.toLowerCase();
}

const webhook = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => url.startsWith('https:') || isLocal(url),
        'must be https; http is for this machine only',
      ),
    secret,
  })
  .refine(({ url, secret: value }) => typeof value !== 'string' || isLocal(url), {
    path: ['secret'],
    message: 'may not stand in the file; name a variable {env: NAME} or a file {file: PATH}',
  });

const alerts = z.strictObject({
  changed: threshold,
  deleted: threshold,
  late: z.number().int().min(2, 'is at least 2 intervals').optional(),
  allow: z
    .array(
      z.strictObject({
        tables: z.array(pattern).min(1),
        by: z.array(guid).optional(),
        operations: z
          .array(z.enum(['changed', 'deleted']))
          .min(1)
          .optional(),
        why: text,
      }),
    )
    .optional(),
  webhooks: z.array(webhook).optional(),
});

const policy = z.strictObject({
  tables: z
    .strictObject({
      include: z
        .array(choice)
        .min(1)
        .optional()
        .describe('Tables to back up; all that hold data unless set.'),
      exclude: z.array(choice).optional().describe('Tables to leave out, whatever include says.'),
    })
    .optional(),
  files: z
    .boolean()
    .optional()
    .describe('Contents of files, images, notes and attachments; true unless set.'),
  elastic: z
    .boolean()
    .optional()
    .describe('Elastic tables, of which all keys are read each time; true unless set.'),
  every: every
    .optional()
    .describe('serve backs up this often: 5m, 1h, 1d; at least 5m. Left out: only on request.'),
  quiet: z.array(quietHours).optional().describe('Hours in which serve begins no backup.'),
  share: z.coerce
    .number()
    .gt(0, 'is above 0')
    .max(1, 'is at most 1, which means all that the service gives')
    .optional()
    .describe('Part of the limits of each application user that may be used; 0.5 unless set.'),
  dailyRequests: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Requests within 24 hours after which backups stop; restores go on. Left out: any number.'),
  alerts: alerts.optional(),
});

/** How an application user signs in. */
const identity = {
  clientId: text.optional(),
  clientSecret: secret.optional(),
  certificate: z.strictObject({ file: text, keyFile: text.optional() }).optional(),
  managedIdentity: z.union([z.literal(true), z.strictObject({ clientId: text })]).optional(),
};
const reader = z.strictObject(identity);
export type ConfiguredIdentity = z.infer<typeof reader>;

const environment = z
  .strictObject({
    ...identity,
    name: z.string().regex(/^[\w.-]+$/, 'is a short name of letters, digits, dot, dash and underscore'),
    url: origin,
    tenantId: text.optional(),
    readers: z.array(reader).optional(),
    authority: origin.optional(),
    tokenEndpoint: z.url().refine(isLocal, 'is for an environment on this machine only').optional(),
    policy: policy.optional(),
  })
  .superRefine((value, context) => {
    const users = [value, ...(value.readers ?? [])];
    users.forEach((user, at) => {
      const where = at === 0 ? [] : ['readers', at - 1];
      for (const [key, message] of complaints(user, isLocal(value.url)))
        context.addIssue({ code: 'custom', path: [...where, key], message });
    });
    if (users.some((user) => user.managedIdentity === undefined) && value.tenantId === undefined)
      context.addIssue({ code: 'custom', path: ['tenantId'], message: 'is missing' });
  });

/** What is wrong with how an application user signs in: key and message. */
function complaints(user: ConfiguredIdentity, onThisMachine: boolean): [string, string][] {
  const found: [string, string][] = [];
  const ways = [user.clientSecret, user.certificate, user.managedIdentity].filter((way) => way !== undefined);
  if (ways.length !== 1)
    found.push(['clientSecret', 'give exactly one of clientSecret, certificate, managedIdentity']);
  if (user.managedIdentity === undefined && user.clientId === undefined)
    found.push(['clientId', 'is missing']);
  if (typeof user.clientSecret === 'string' && !onThisMachine) {
    const message = 'may not stand in the file; name a variable {env: NAME} or a file {file: PATH}';
    found.push(['clientSecret', message]);
  }
  return found;
}

const api = z.strictObject({
  host: text.optional(),
  port: z.coerce.number().int().min(0).max(65_535).optional(),
  tenantId: text.optional(),
  issuer: z.url().optional(),
  audience: text.optional(),
  jwksUri: z.url().optional(),
});

/** The whole of `rowback.yaml`; unknown keys are refused, because a misspelt one would silently do nothing. */
export const configuration = z
  .strictObject({
    storage: text.optional(),
    container: z
      .string()
      .regex(/^[a-z0-9](-?[a-z0-9]){2,53}$/, 'has 3 to 55 lower-case letters, digits and single dashes')
      .optional(),
    scratch: text.optional(),
    environments: z.array(environment).optional(),
    policy: policy.optional(),
    api: api.optional(),
  })
  .superRefine(({ policy: general, environments = [] }, context) => {
    const refuse = (path: (string | number)[]) =>
      context.addIssue({
        code: 'custom',
        path,
        message: 'is at least 5m for an environment on another machine',
      });
    const remote = environments.map(({ url }) => !isLocal(url));
    if (isTooOften(general?.every) && remote.includes(true)) refuse(['policy', 'every']);
    environments.forEach((one, at) => {
      if (isTooOften(one.policy?.every) && remote[at] === true)
        refuse(['environments', at, 'policy', 'every']);
    });
  });

/** What a run costs in requests, and what change tracking shows late, make shorter intervals worth nothing. */
function isTooOften(everyMs: number | undefined): boolean {
  return everyMs !== undefined && everyMs < 5 * unitMs.m;
}

export type Configuration = z.infer<typeof configuration>;
export type ConfiguredEnvironment = z.infer<typeof environment>;
export type ConfiguredPolicy = z.infer<typeof policy>;
export type ConfiguredSecret = z.infer<typeof secret>;
export type ConfiguredAlerts = z.infer<typeof alerts>;
