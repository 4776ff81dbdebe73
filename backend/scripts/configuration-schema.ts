import { format } from 'prettier';
import { z } from 'zod';
import { configuration } from '../src/cli/config-schema.ts';

/**
 * `rowback.yaml` as a JSON Schema for editors, made from the rules that check the file. What only code can say (that
 * exactly one way to sign in is given, that a secret does not stand in the file) is checked when the file is read.
 */
export async function configurationSchema(): Promise<string> {
  const schema = z.toJSONSchema(configuration, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // These take texts as well, as they come from variables; a file has numbers.
      const { def } = zodSchema._zod;
      if ('coerce' in def && def.coerce === true && def.type === 'number') jsonSchema.type = 'number';
    },
  });
  const titled = {
    ...schema,
    title: 'Configuration of Rowback',
    description: 'rowback.yaml; see docs/cli.md',
  };
  return format(JSON.stringify(titled), { parser: 'json', printWidth: 110 });
}
