/**
 * What the service answers when it refuses. Codes and texts follow the published error list and captured answers;
 * clients match on code.
 */
export class ServiceError extends Error {
  readonly status: number;
  /** Hex text such as `0x80040217`; may be empty, as it is for some refusals of the real service. */
  readonly code: string;
  /** Extra members of the error object, shown only when annotations were asked for. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: { annotations?: Record<string, string>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.annotations = extra.annotations ?? {};
    this.headers = extra.headers ?? {};
  }
}

export const badRequest = (message: string, code = '0x80060888') => new ServiceError(400, code, message);

export const notImplemented = (what: string) =>
  new ServiceError(501, '0x80060888', `${what} is not supported by this environment.`);

export const segmentNotFound = (segment: string) =>
  new ServiceError(404, '0x8006088a', `Resource not found for the segment '${segment}'.`);

export const operationNotFound = (uri: string) =>
  new ServiceError(404, '', `No HTTP resource was found that matches the request URI '${uri}'.`);

export const methodNotAllowed = (method: string) =>
  new ServiceError(405, '0x80060888', `The requested resource does not support http method '${method}'.`);

export const unsupportedMessage = (table: string) =>
  new ServiceError(
    400,
    '0x80040800',
    `The method being invoked does not support provided entity type. Entity: ${table}.`,
  );

export const rowNotFound = (table: string, id: string) =>
  new ServiceError(404, '0x80040217', `${table} With Id = ${id} Does Not Exist`);

/** `status`: the sources leave it open where a lookup names the row. */
export const targetNotFound = (table: string, id: string, status = 404) =>
  new ServiceError(status, '0x80040217', `Entity '${table}' With Id = ${id} Does Not Exist`);

export const keyNotFound = (table: string) =>
  new ServiceError(
    404,
    '0x80060891',
    `A record with the specified key values does not exist in ${table} entity`,
  );

export const keyNotDefined = (table: string) =>
  badRequest(`The specified key attributes are not a defined key for the ${table} entity`, '0x80060890');

export const propertyNotFound = (property: string, table: string) =>
  badRequest(`Could not find a property named '${property}' on type 'Microsoft.Dynamics.CRM.${table}'.`);

export const unknownColumn = (property: string, table: string) =>
  badRequest(
    'An error occurred while validating input parameters: Microsoft.Crm.CrmException: ' +
      `Invalid property '${property}' was found in entity 'Microsoft.Dynamics.CRM.${table}'. ---> ` +
      'Microsoft.OData.ODataException: Does not support untyped value in non-open type.',
    '0x0',
  );

export const payloadError = (entitySet: string, reason: string) =>
  badRequest(
    `Error identified in Payload provided by the user for Entity :'${entitySet}', For more information on this ` +
      `error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  ` +
      `InnerException : Microsoft.OData.ODataException: ${reason}`,
    '0x80048d19',
  );

export const unknownNavigation = (property: string, entitySet: string) =>
  payloadError(
    entitySet,
    `An undeclared property '${property}' which only has property annotations in the payload but no property ` +
      'value was found in the payload. In OData, only declared navigation properties and declared named streams ' +
      'can be represented as properties without values.',
  );

export const plainLookupWrite = () =>
  badRequest(
    'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
  );

export const duplicateRow = () =>
  new ServiceError(412, '0x80040237', 'A record with matching key values already exists.');

export const duplicateLink = () => new ServiceError(412, '0x80040237', 'Cannot insert duplicate key.');

export const versionMismatch = () =>
  new ServiceError(
    412,
    '0x80060882',
    "The version of the existing record doesn't match the RowVersion property provided.",
  );

export const concurrencyNotEnabled = (table: string) =>
  badRequest(`Optimistic concurrency isn't enabled for entity type ${table}.`, '0x8006088d');

export const accessDenied = () =>
  new ServiceError(
    403,
    '0x80048306',
    'Not enough privilege to access the Microsoft Dynamics 365 object or perform the requested operation.',
  );

export const cannotBeNull = (column: string) =>
  badRequest(`Attribute: ${column} cannot be set to NULL`, '0x80040203');

export const invalidArgument = (message: string) => badRequest(message, '0x80040203');

export const expiredToken = (status: 400 | 410 = 400) =>
  new ServiceError(
    status,
    '0x80044352',
    'Version stamp associated with the client has expired. Please perform a full sync.',
  );
