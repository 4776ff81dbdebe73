/**
 * Distils the parts of a recorded `$metadata` document that describe no table into `simulator/metadata/service-model.json`:
 * actions, functions, complex types, enumerations and the classes of the metadata itself.
 * Usage: node simulator/scripts/distil-service-model.mjs <folder of recorded metadata>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';

const CSDL_FILE = 'csdl/dynamics365-v9.1-2020-06.metadata.xml';
/** Operations of other publishers and of products beside the platform. */
const ELSEWHERE = /^(msdyn|spice|adx|new)_/;
const ROOTS = ['crmmodelbaseentity', 'MetadataBase'];

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function main(folder) {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', removeNSPrefix: true });
  const { Schema: schema } = parser.parse(readFileSync(join(folder, CSDL_FILE), 'utf8')).Edmx.DataServices;
  const ours = (items) => list(items).filter((item) => !ELSEWHERE.test(item.Name));
  const model = {
    enums: byName(ours(schema.EnumType), enumOf),
    complexTypes: byName(ours(schema.ComplexType), typeOf),
    metadataTypes: byName(metadataTypes(list(schema.EntityType)), typeOf),
    actions: ours(schema.Action).map(operationOf),
    functions: ours(schema.Function).map(operationOf),
  };
  const file = fileURLToPath(new URL('../metadata/service-model.json', import.meta.url));
  writeFileSync(file, print(model));
  console.log(
    `${file}: ${Object.entries(model)
      .map(([name, part]) => `${Object.keys(part).length} ${name}`)
      .join(', ')}`,
  );
}

/** What inherits, however far down, from the base of all metadata. */
function metadataTypes(types) {
  const found = types.filter((type) => ROOTS.includes(type.Name));
  for (let grown = true; grown;) {
    const more = types.filter(
      (type) => !found.includes(type) && found.some((base) => type.BaseType === `mscrm.${base.Name}`),
    );
    found.push(...more);
    grown = more.length > 0;
  }
  return found;
}

const byName = (items, shape) =>
  Object.fromEntries(
    items.sort((a, b) => (a.Name < b.Name ? -1 : 1)).map((item) => [item.Name, shape(item)]),
  );

function enumOf(type) {
  return {
    ...(type.IsFlags ? { flags: true } : {}),
    members: Object.fromEntries(list(type.Member).map((member) => [member.Name, Number(member.Value)])),
  };
}

function typeOf(type) {
  const key = list(type.Key?.PropertyRef)[0]?.Name;
  return {
    ...(type.BaseType ? { base: type.BaseType } : {}),
    ...(type.Abstract ? { abstract: true } : {}),
    ...(key ? { key } : {}),
    properties: list(type.Property).map((property) => [property.Name, property.Type]),
    ...(type.NavigationProperty
      ? {
          navigations: list(type.NavigationProperty).map((one) =>
            one.ContainsTarget ? [one.Name, one.Type, true] : [one.Name, one.Type],
          ),
        }
      : {}),
  };
}

/** `returns` is absent where nothing comes back. A parameter is required, unless marked as null or as left out. */
function operationOf(operation) {
  return {
    name: operation.Name,
    ...(operation.IsBound ? { bound: true } : {}),
    ...(operation.IsComposable ? { composable: true } : {}),
    ...(operation.Parameter ? { parameters: list(operation.Parameter).map(parameterOf) } : {}),
    ...(operation.ReturnType ? { returns: operation.ReturnType.Type } : {}),
  };
}

function parameterOf(parameter) {
  const optional = list(parameter.Annotation).some((one) => one.Term.endsWith('OptionalParameter'));
  const kind = optional ? ['optional'] : parameter.Nullable === 'false' ? [] : ['nullable'];
  return [parameter.Name, parameter.Type, ...kind];
}

/** One line for each item, so that a change of the facts reads well as a difference. */
function print(model) {
  const parts = Object.entries(model).map(([name, part]) => {
    const lines = Array.isArray(part)
      ? part.map((item) => ` ${JSON.stringify(item)}`)
      : Object.entries(part).map(([key, item]) => ` ${JSON.stringify(key)}: ${JSON.stringify(item)}`);
    const [open, close] = Array.isArray(part) ? '[]' : '{}';
    return `${JSON.stringify(name)}: ${open}\n${lines.join(',\n')}\n${close}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node simulator/scripts/distil-service-model.mjs <folder of recorded metadata>');
  process.exitCode = 2;
} else main(folder);
