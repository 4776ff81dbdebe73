import type { SwaggerSchema } from './swagger-schema.ts';

/** Where the choices of a parameter come from: an operation that lists them. */
interface Picker {
  readonly operationId: string;
  /** Property of an item that is sent, and the one that is shown. */
  readonly value: string;
  readonly title: string;
  /** Parameters of the listing operation that take the value of the caller's own parameter. */
  readonly needs: readonly string[];
}

const pickers: Readonly<Record<string, Picker>> = {
  environment: { operationId: 'ListEnvironments', value: 'name', title: 'name', needs: [] },
  table: { operationId: 'ListTables', value: 'name', title: 'label', needs: ['environment'] },
  snapshotId: { operationId: 'ListSnapshots', value: 'id', title: 'id', needs: ['environment'] },
};

/** Both forms of a picker: the older one for existing designers, the newer one for the current designer. */
export function pickerFor(name: string): Partial<SwaggerSchema> {
  const picker = pickers[name];
  if (picker === undefined) return {};
  const old = Object.fromEntries(picker.needs.map((need) => [need, { parameter: need }]));
  const now = Object.fromEntries(picker.needs.map((need) => [need, { parameterReference: need }]));
  const some = picker.needs.length > 0;
  return {
    'x-ms-dynamic-values': {
      operationId: picker.operationId,
      ...(some && { parameters: old }),
      'value-collection': 'value',
      'value-path': picker.value,
      'value-title': picker.title,
    },
    'x-ms-dynamic-list': {
      operationId: picker.operationId,
      ...(some && { parameters: now }),
      itemsPath: 'value',
      itemValuePath: picker.value,
      itemTitlePath: picker.title,
    },
  };
}
