import { DataverseError, type ManyToMany } from '../dataverse/index.ts';
import { isLinked } from './attached.ts';
import { failed, judged, restored, skipped } from './outcome.ts';
import type { PlannedLink } from './plan.ts';
import type { Outcome } from './result.ts';
import { stopsRun, type Run, type StepResult } from './run-step.ts';
import type { Step } from './steps.ts';
import { readPreImage, storePreImage } from './store.ts';

/** Links or unlinks one pair. Read first: a link has no etag, and a second one of the same pair is refused anyway. */
export async function runLinkStep(
  run: Run,
  step: Step,
  relation: ManyToMany,
  link: PlannedLink,
): Promise<StepResult> {
  return { outcome: await linkOutcome(run, step, relation, link), left: null };
}

async function linkOutcome(run: Run, step: Step, relation: ManyToMany, link: PlannedLink): Promise<Outcome> {
  const documents = run.context.vault.restore(run.plan.id);
  const announced = await readPreImage(documents, step.number);
  const wanted = step.kind === 'associate';
  if ((await isLinked(run.context.client, relation, link)) === wanted) {
    if (announced !== null) return restored();
    return skipped(wanted ? 'The two are linked already.' : 'The two are not linked any more.');
  }
  if (announced === null) {
    const { table1: table, id1: id } = link;
    const image = { row: step.row, table, id, etag: null, values: wanted ? null : {}, contents: [] };
    await storePreImage(documents, step.number, image);
  }
  await run.journal.writing(step.number);
  return await write(run, relation, link, wanted);
}

async function write(
  run: Run,
  relation: ManyToMany,
  link: PlannedLink,
  wanted: boolean,
  attempt = 1,
): Promise<Outcome> {
  let problem: DataverseError | null = null;
  try {
    if (wanted) await run.writer.associate(relation, link.id1, link.id2);
    else await run.writer.disassociate(relation, link.id1, link.id2);
  } catch (error) {
    if (!(error instanceof DataverseError) || stopsRun(error)) throw error;
    problem = error;
  }
  if ((await isLinked(run.context.client, relation, link)) === wanted) return restored();
  // A write whose answer was lost and that did not happen is sent again.
  if (problem?.kind === 'outcome-unknown' && attempt < 3)
    return await write(run, relation, link, wanted, attempt + 1);
  if (problem !== null) return failed(problem, []);
  return judged([
    {
      name: relation.schemaName,
      kind: 'failed',
      why: 'The service took the write and left the link as it was.',
    },
  ]);
}
