import type { AlertRules } from '../backup/index.ts';

export { tableKinds } from '../backup/index.ts';

/** Where a secret is kept. A literal is taken only for an environment on this machine. */
export type SecretSource =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'literal'; readonly value: string };

/** How we sign in to Dataverse: exactly one of the three. */
export type SignIn =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: SecretSource }
  | {
      readonly kind: 'certificate';
      readonly clientId: string;
      readonly path: string;
      readonly keyPath: string;
    }
  | { readonly kind: 'managed-identity'; readonly clientId: string | null };

/** Where alerts go, and which there are. */
export interface AlertPolicy extends AlertRules {
  /** After so many intervals without a backup that ended `serve` says that it is late. */
  readonly lateIntervals: number;
  readonly webhooks: readonly { readonly url: string; readonly secret: SecretSource }[];
}

/** When no backup begins by itself. */
export interface QuietHours {
  /** `HH:MM` on a clock of the time zone; `to` may be on the next day. */
  readonly from: string;
  readonly to: string;
  /** Days on which they begin; left out: every day. */
  readonly days?: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /** IANA name, such as `Europe/Zurich`. */
  readonly timeZone: string;
}

/** What is backed up, and how often. */
export interface Policy {
  readonly name: string;
  /**
   * Logical names, where `*` stands for any characters, and `kind:` with a kind of tables. A table is in when one of
   * these means it and no `exclude` does.
   */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Elastic tables, of which all keys are read each time. */
  readonly elastic: boolean;
  /** Contents of file and image columns, note bodies and attachments. */
  readonly files: boolean;
  /** `serve` starts a backup this often; null: only on request. */
  readonly everyMs: number | null;
  /** `serve` begins no backup in these. */
  readonly quiet: readonly QuietHours[];
  /** Part of the limits of each application user that we may use, above 0; 1 is all of it. */
  readonly share: number;
  /** Requests within 24 hours after which backups stop and restores go on; null: any number. */
  readonly dailyRequests: number | null;
  readonly alerts: AlertPolicy;
}

export interface EnvironmentSettings {
  readonly name: string;
  /** Origin, without a slash at its end. */
  readonly url: string;
  readonly tenantId: string;
  readonly signIn: SignIn;
  /** Further application users, which only read; each has limits of its own. */
  readonly readers: readonly SignIn[];
  /** Another cloud's authority, such as https://login.microsoftonline.us. */
  readonly authority: string | null;
  /** A token endpoint over http on this machine (simulator). */
  readonly tokenEndpoint: string | null;
  readonly policy: Policy;
}

export interface ApiSettings {
  readonly port: number;
  readonly host: string;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly jwksUri: string | null;
}

/** `rowback.yaml` and `ROWBACK_…`, checked. */
export interface Settings {
  /** A connection string or the address of a storage account. */
  readonly storage: string;
  readonly container: string;
  /** Directory for temporary files. */
  readonly scratch: string | null;
  readonly environments: readonly EnvironmentSettings[];
  readonly api: ApiSettings;
}
