import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { DataverseClient, Measure } from '../dataverse/index.ts';
import type { ControlStore, Vault } from '../vault/index.ts';
import type { Notifier } from './alerts/notifier.ts';
import type { Policy } from './settings.ts';

/** One Dataverse environment, opened: the client that reads and writes it, and the vault that keeps it. */
export interface Environment {
  /** Name in the configuration. */
  readonly name: string;
  /** Origin of the environment, without a slash at its end. */
  readonly url: string;
  readonly environmentId: string;
  readonly organizationId: string;
  /** As it is now; {@link usePolicy} changes it for what begins afterwards. */
  readonly policy: Policy;
  /** Share and webhooks stay as they were when the environment was opened. */
  usePolicy(policy: Policy): void;
  readonly client: DataverseClient;
  /** Requests and bytes to and from Dataverse so far. */
  measure(): Measure;
  readonly vault: Vault;
  /** The `<container>-control` container; marks and leases of this environment carry its id in their names. */
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly notifier: Notifier;
  close(): Promise<void>;
}

/** Who asks. An operator has been checked by the command line or the API; a user's rights are Dataverse's. */
export type Caller =
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'user'; readonly systemuserid: string };
