import { badRequest, ServiceError } from '../errors.ts';

/** Refusals of schema changes; codes and texts from the published list. */

export const namePrefix = (name: string) =>
  badRequest(
    `Invalid name for attribute ${name}.  Custom attribute names must start with a valid customization prefix. ` +
      'The prefix for a solution component should match the prefix that is specified for the publisher of the solution.',
    '0x80048062',
  );

export const tableExists = (name: string) =>
  badRequest(
    `An entity with the specified name ${name} already exists. Please specify a unique name.`,
    '0x8004700b',
  );

export const columnExists = (name: string) =>
  badRequest(`An attribute with the specified name ${name} already exists`, '0x80047013');

export const relationshipExists = (name: string) =>
  badRequest(
    `A relationship with the specified name ${name} already exists. Please specify a unique name.`,
    '0x8004432b',
  );

export const relationshipNameRequired = () => badRequest('Entity relationships require a name', '0x8004432a');

export const optionSetExists = (name: string) =>
  badRequest(
    `An OptionSet with the specified name ${name} already exists. Please specify a unique name.`,
    '0x80044345',
  );

export const optionExists = () =>
  badRequest('The picklist value already exists.  Picklist values must be unique.', '0x80044310');

export const optionUnknown = (value: number) =>
  badRequest(`The picklist value ${value} is out of the range.`, '0x8004431a');

export const notAChoice = () =>
  badRequest('You can add option values only to picklist and status attributes.', '0x80044320');

export const defaultStatus = () => badRequest('Default Status options cannot be deleted.', '0x80044341');

export const primaryName = () =>
  badRequest('The Primary UI Attribute is not valid for deletion', '0x80047002');

export const inUse = (kind: string, id: string, count: number) =>
  badRequest(
    `The ${kind}(${id}) component cannot be deleted because it is referenced by ${count} other components. ` +
      'For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.',
    '0x8004f01f',
  );

export const notCustomizable = (name: string, id: string, operation: string, condition: string) =>
  badRequest(
    `The '${operation}' operation on the current component(name='${name}', id='${id}') failed during managed ` +
      `property evaluation of condition: '${condition}'`,
    '0x8004f032',
  );

export const keyNameExists = (name: string, table: string) =>
  badRequest(`An entity key with the name ${name} already exists on entity ${table}.`, '0x80060893');

export const keyColumnsExist = () =>
  badRequest('An entity key with the selected attributes already exists on entity.', '0x80060894');

export const badKey = (reason: string) =>
  badRequest(`Invalid EntityKey Operation performed : ${reason}`, '0x8006088f');

export const metadataMissing = (what: string) =>
  badRequest(`Required field '${what}' is missing`, '0x80040203');

export const metadataNotFound = (kind: string, key: string) =>
  new ServiceError(404, '0x8004024a', `Metadata not found. Could not find ${kind} ${key}.`);

export const notForElastic = (what: string, table: string) =>
  badRequest(`${what} is not supported for the elastic table ${table}.`, '0x80048d0b');
