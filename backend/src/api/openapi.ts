import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import * as contract from '../jobs/contract.ts';
import { queryOf, type ErrorStatus, type Operation, type Role } from './operation.ts';
import * as api from './operations.ts';

/** Schemas that the document names once and refers to, by their names in it. */
const named: Readonly<Record<string, z.ZodType>> = {
  BackupJob: contract.backupJob,
  ComparedColumn: contract.comparedColumn,
  Comparison: contract.comparison,
  ComparisonSide: contract.comparisonSide,
  Coverage: contract.coverage,
  EnvironmentList: api.environmentList,
  EnvironmentSummary: contract.environmentSummary,
  Health: api.health,
  Person: contract.person,
  PlannedColumn: contract.plannedColumn,
  PlannedRow: contract.plannedRow,
  Problem: contract.problem,
  ProblemDetails: contract.problemDetails,
  RecordHistory: contract.recordHistory,
  Restore: contract.restore,
  RestorePlan: contract.restorePlan,
  RestoreResult: contract.restoreResult,
  RowOutcome: contract.rowOutcome,
  Shown: contract.shown,
  SnapshotDetails: contract.snapshotDetails,
  SnapshotList: api.snapshotList,
  SnapshotSummary: contract.snapshotSummary,
  TableCoverage: contract.tableCoverage,
  TableInSnapshot: contract.tableInSnapshot,
  TableList: api.tableList,
  TableSummary: api.tableSummary,
  VersionSummary: contract.versionSummary,
};

export const errorTexts: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request is malformed; the hint says what to correct.',
  401: 'There is no sign-in, or it is not valid any more.',
  403: 'The caller has no role that may do this.',
  404: 'What the request names does not exist.',
  409: 'The state does not allow it now, such as a backup that is already running.',
  429: 'Too many requests; Retry-After says how long to wait.',
  500: 'Something went wrong in the service; nothing more is known to the caller.',
  503: 'Dataverse or the storage cannot be reached now.',
};

export type OpenApiDocument = ReturnType<typeof createDocument>;

/**
 * The API as OpenAPI 3.1.
 *
 * @param server absolute address under which {@link api.basePath} is served, such as https://backup.contoso.com.
 */
export function openApiDocument(server: string, version: string): OpenApiDocument {
  const operations: readonly Operation[] = Object.values(api.operations);
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {});
    item[operation.method] = describeOperation(operation);
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Rowback',
      version,
      description: 'Backs up Dataverse rows, shows their history, and puts back what went wrong.',
    },
    servers: [{ url: `${server.replace(/\/$/, '')}${api.basePath}` }],
    security: [{ entra: [] }],
    paths,
    components: {
      schemas: { ...named },
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of Microsoft Entra ID for this API.',
        },
      },
    },
  });
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { params, headers, body } = operation;
  const query = queryOf(operation);
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    description: withRoles(operation.description, operation.roles),
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: describeResponses(operation),
    ...(operation.roles === 'public' && { security: [] }),
  };
}

function describeResponses(operation: Operation): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, answer] of Object.entries(operation.responses)) {
    // Object.entries forgets that the keys are HTTP statuses.
    responses[status as '200'] = {
      description: answer.description,
      content: { 'application/json': { schema: answer.schema }, ...csvOf(operation) },
    };
  }
  for (const status of operation.errors) {
    responses[`${status}`] = {
      description: errorTexts[status],
      content: { 'application/problem+json': { schema: contract.problemDetails } },
    };
  }
  return responses;
}

function csvOf({ csv }: Operation): Record<string, { readonly schema: z.ZodType }> {
  return csv === undefined ? {} : { 'text/csv': { schema: z.string().meta({ description: csv }) } };
}

function withRoles(description: string, roles: readonly Role[] | 'public'): string {
  return roles === 'public' ? description : `${description} Needs one of the roles ${roles.join(', ')}.`;
}
