import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv } from 'ajv';
import Ajv4Module from 'ajv-draft-04';
import addFormatsModule from 'ajv-formats';
import { openApiDocument } from '../../backend/src/api/openapi.ts';
import { hasSchemas, pathOf, readSchema, schemaFolder, textOf } from './support/files.ts';

// Both packages are CommonJS: their default is one step further in, which their types do not say.
const Ajv4 = Ajv4Module.default ?? Ajv4Module;
const addFormats = addFormatsModule.default ?? addFormatsModule;

test('the definition is valid Swagger 2.0', async () => {
  const api = await SwaggerParser.validate(pathOf('apiDefinition.swagger.json'));
  expect(api).toMatchObject({ swagger: '2.0' });
});

test('the OpenAPI document that it shares its source with is valid OpenAPI 3.1', async () => {
  // The parser's type of a document knows no 3.1 of another package; it reads the same JSON.
  const document = structuredClone(openApiDocument('https://rowback.example.com', '0.1.0')) as never;
  await expect(SwaggerParser.validate(document)).resolves.toMatchObject({ openapi: '3.1.0' });
});

const schemaTest = hasSchemas ? test : test.skip;
const because = hasSchemas
  ? ''
  : ` (skipped: no connector schemas at ${schemaFolder}, set ROWBACK_CONNECTOR_SCHEMAS)`;

describe(`the platform's schemas for connectors${because}`, () => {
  /** What is newer than the schemas, put back into the form that they know: everything else is checked as it is. */
  const asOlderPlatform = (file: string): unknown => {
    const json = JSON.parse(textOf(file));
    const signIn = json.properties?.connectionParameters?.token?.oAuthSettings;
    if (signIn === undefined) return json;
    expect(signIn.redirectMode).toBe('GlobalPerConnector');
    signIn.redirectMode = 'Global';
    delete signIn.customParameters.enableOnbehalfOfLogin;
    return json;
  };

  const faults = (ajv: Ajv, schema: string, file: string): readonly string[] => {
    const validate = ajv.compile(readSchema(schema));
    validate(asOlderPlatform(file));
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`,
    );
  };

  schemaTest('accept apiDefinition.swagger.json', () => {
    const ajv = new Ajv4({ strict: false, allErrors: true });
    addFormats(ajv);
    expect(faults(ajv, 'apiDefinition.swagger.schema.json', 'apiDefinition.swagger.json')).toEqual([]);
  });

  schemaTest.each([
    ['apiProperties.json', 'paconn-apiProperties.schema.json'],
    ['settings.json', 'paconn-settings.schema.json'],
  ])('accept %s', (file, schema) => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    expect(faults(ajv, schema, file)).toEqual([]);
  });
});
