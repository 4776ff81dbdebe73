import { closingOperations } from './closing-operations.ts';
import { environmentOperations } from './environment-operations.ts';
import { fileOperations } from './file-operations.ts';
import { metadataChangeOperations } from './metadata-changes.ts';
import { noteOperations } from './note-operations.ts';
import { sharingOperations } from './sharing-operations.ts';
import { schemaOperations } from './schema-operations.ts';
import { solutionOperations } from './solution-operations.ts';
import type { Operation } from './operation.ts';

/** Functions and actions that stand directly below the service root. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    ...closingOperations,
    ...environmentOperations,
    ...fileOperations,
    ...metadataChangeOperations,
    ...noteOperations,
    ...schemaOperations,
    ...sharingOperations,
    ...solutionOperations,
  }),
);

export { COLLECTION_ACTIONS } from './multiple.ts';
export { ROW_FUNCTIONS } from './row-functions.ts';
