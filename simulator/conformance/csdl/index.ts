import { ok } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import { CsdlModel } from './model.ts';
import { checkOperations } from './operations.ts';
import { checkRows } from './rows.ts';
import { checkStructure } from './structure.ts';

/** `$metadata` through the converter of the OData committee, held against what the service really answers. */
export async function checkCsdl(bench: Bench): Promise<void> {
  bench.checks.heading('CSDL: the document');
  const { text } = await bench.api.get('$metadata');
  const model = new CsdlModel(text);
  await checkStructure(bench.checks, model, text);
  await bench.checks.check('with annotations it says the same, and more', async () => {
    const annotated = await bench.api.get('$metadata?annotations=true');
    const other = new CsdlModel(annotated.text);
    ok(annotated.text.length > text.length);
    ok([...model.elements.keys()].every((name) => other.elements.has(name)));
    ok(JSON.stringify(other.type('System')).includes('ChangeTracking'));
  });
  bench.checks.heading('CSDL: rows and definitions');
  await checkRows(bench, model);
  bench.checks.heading('CSDL: operations');
  await checkOperations(bench, model);
}
