export { operationNames } from './declared-model.ts';
export { metadataDocument } from './document.ts';
