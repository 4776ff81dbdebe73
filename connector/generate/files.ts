import { format, type Options } from 'prettier';
import { PNG } from 'pngjs';
import { apiProperties, settings } from './api-properties.ts';
import { drawIcon } from './icon.ts';
import { swagger } from './swagger.ts';

const style: Options = { parser: 'json', printWidth: 110 };

/** Every generated text file of the connector by name, as it stands in the repository. */
export async function generatedTexts(): Promise<Readonly<Record<string, string>>> {
  const text = (value: unknown): Promise<string> => format(JSON.stringify(value), style);
  return {
    'apiDefinition.swagger.json': await text(swagger()),
    'apiProperties.json': await text(apiProperties()),
    'settings.json': await text(settings()),
  };
}

export const generatedIcon = (): Buffer => PNG.sync.write(drawIcon());
