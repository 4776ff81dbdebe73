import { autoNumberOperations } from './autonumber-operations.ts';
import { bulkDeleteOperations } from './bulk-delete.ts';
import { binOperations } from './bin-operations.ts';
import { closingOperations } from './closing-operations.ts';
import { duplicateOperations } from './duplicate-operations.ts';
import { environmentOperations } from './environment-operations.ts';
import { fileOperations } from './file-operations.ts';
import { metadataChangeOperations } from './metadata-changes.ts';
import { listOperations } from './list-operations.ts';
import { mergeOperations } from './merge.ts';
import { noteOperations } from './note-operations.ts';
import { sharingOperations } from './sharing-operations.ts';
import { schemaOperations } from './schema-operations.ts';
import { searchOperations } from '../search/search-operations.ts';
import { solutionOperations } from './solution-operations.ts';
import { stateOperations } from './state-operations.ts';
import type { Operation } from './operation.ts';

/** Functions and actions that stand directly below the service root. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    ...autoNumberOperations,
    ...bulkDeleteOperations,
    ...binOperations,
    ...closingOperations,
    ...duplicateOperations,
    ...environmentOperations,
    ...fileOperations,
    ...metadataChangeOperations,
    ...listOperations,
    ...mergeOperations,
    ...noteOperations,
    ...schemaOperations,
    ...searchOperations,
    ...sharingOperations,
    ...solutionOperations,
    ...stateOperations,
  }),
);

export { COLLECTION_ACTIONS } from './multiple.ts';
export { ROW_FUNCTIONS } from './row-functions.ts';
