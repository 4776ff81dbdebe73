import { z } from 'zod';

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

const every = z
  .string()
  .regex(/^[1-9]\d*(s|m|h|d)$/, 'is a number with s, m, h or d, such as 5m')
  .transform((value) => Number(value.slice(0, -1)) * unitMs[value.slice(-1) as keyof typeof unitMs]);
const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const policy = z.strictObject({
  tables: z
    .strictObject({ include: z.array(pattern).min(1).optional(), exclude: z.array(pattern).optional() })
    .optional(),
  files: z.boolean().optional(),
  every: every.optional(),
});

const secret = z.union([z.strictObject({ env: text }), z.strictObject({ file: text }), text]);

const environment = z
  .strictObject({
    name: z.string().regex(/^[\w.-]+$/, 'is a short name of letters, digits, dot, dash and underscore'),
    url: origin,
    tenantId: text.optional(),
    clientId: text.optional(),
    clientSecret: secret.optional(),
    certificate: z.strictObject({ file: text, keyFile: text.optional() }).optional(),
    managedIdentity: z.union([z.literal(true), z.strictObject({ clientId: text })]).optional(),
    authority: origin.optional(),
    tokenEndpoint: z.url().refine(isLocal, 'is for an environment on this machine only').optional(),
    policy: policy.optional(),
  })
  .superRefine((value, context) => {
    const ways = [value.clientSecret, value.certificate, value.managedIdentity].filter(
      (way) => way !== undefined,
    );
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (ways.length !== 1)
      complain('clientSecret', 'give exactly one of clientSecret, certificate, managedIdentity');
    if (value.managedIdentity === undefined && value.clientId === undefined)
      complain('clientId', 'is missing');
    if (value.managedIdentity === undefined && value.tenantId === undefined)
      complain('tenantId', 'is missing');
    if (typeof value.clientSecret === 'string' && !isLocal(value.url)) {
      complain(
        'clientSecret',
        'may not stand in the file; name a variable {env: NAME} or a file {file: PATH}',
      );
    }
  });

const api = z.strictObject({
  host: text.optional(),
  port: z.coerce.number().int().min(0).max(65_535).optional(),
  tenantId: text.optional(),
  issuer: z.url().optional(),
  audience: text.optional(),
  jwksUri: z.url().optional(),
});

/** The whole of `rowback.yaml`; unknown keys are refused, because a misspelt one would silently do nothing. */
export const configuration = z.strictObject({
  storage: text.optional(),
  container: z
    .string()
    .regex(/^[a-z0-9](-?[a-z0-9]){2,53}$/, 'has 3 to 55 lower-case letters, digits and single dashes')
    .optional(),
  scratch: text.optional(),
  environments: z.array(environment).optional(),
  policy: policy.optional(),
  api: api.optional(),
});

export type Configuration = z.infer<typeof configuration>;
export type ConfiguredEnvironment = z.infer<typeof environment>;
export type ConfiguredPolicy = z.infer<typeof policy>;
