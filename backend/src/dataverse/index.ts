export type {
  AccessRight,
  BatchAnswer,
  BatchOutcome,
  BatchRequest,
  BulkOptions,
  ChangedRow,
  ChangeEvent,
  CreateOptions,
  DataverseClient,
  DeletedRow,
  FetchedRow,
  FileContent,
  FileFacts,
  Identity,
  NewContent,
  NewRow,
  OmittedColumn,
  Party,
  PrivilegeDepth,
  ReadOptions,
  Row,
  RowKey,
  RowOutcome,
  UpdateOptions,
  User,
  WriteOptions,
  WriteReceipt,
} from './client.ts';
export { DataverseError } from './errors.ts';
export type { DataverseErrorFacts, DataverseErrorKind } from './errors.ts';
export { columnOf, isLookup, propertyOf } from './metadata/types.ts';
export type {
  AlternateKey,
  Cascade,
  ChoiceOption,
  ColumnKind,
  ColumnMetadata,
  DateBehavior,
  Environment,
  GlobalChoice,
  ManyToMany,
  OneToMany,
  PrivilegeVerb,
  SecurityModel,
  TableDetails,
  TableKind,
  TableMetadata,
  TablePrivilege,
} from './metadata/types.ts';
export type { Measure, Transport, TransportRequest, TransportResponse } from './transport/port.ts';
export { bodyColumn, leftOutColumns, selectList } from './metadata/select.ts';
export type { LeftOutBecause, LeftOutColumn } from './metadata/select.ts';
export { connect, openClient } from './connect.ts';
export { tokenSource } from './sign-in/tokens.ts';
export type { Credential, SignIn } from './sign-in/tokens.ts';
export type { TokenSource } from './transport/authenticated.ts';
export type { OpenTransport } from './transport/open.ts';
export { documentedLimits } from './transport/limited.ts';
export type { Allowance, Slot, Use } from './transport/slot.ts';
export { keyText } from './row-address.ts';
export type { RowAddress } from './row-address.ts';
export type { Exchange, Trace } from './transport/traced.ts';
export { literal } from './web-api.ts';
export { closesWithActivity } from './write/state.ts';
