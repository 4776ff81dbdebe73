import { authorship } from './companies.ts';
import type { Platform } from './platform-rows.ts';
import { instant, type DemoRow, type DemoWorld, type Reference } from './world.ts';

const STATES = [
  [0, 1],
  [0, 1],
  [0, 2],
  [1, 5],
  [2, 6],
] as const;

/** Cases with subjects and a queue; some resolved, some cancelled, some below another. */
export function addCases(
  world: DemoWorld,
  platform: Platform,
  companies: readonly DemoRow[],
  people: readonly DemoRow[],
): DemoRow[] {
  const root = world.add('subject', { title: 'Products' });
  const subjects = ['Delivery', 'Quality', 'Invoice'].map((title) =>
    world.add('subject', { title, parentsubject: root }),
  );
  const queue = world.add('queue', {
    name: 'Support',
    description: 'Questions of customers',
    ownerid: platform.administrator,
    statecode: 0,
    statuscode: 1,
  });
  const cases: DemoRow[] = [];
  for (let at = 0; at < world.count(30); at++) {
    const one = addCase(world, platform, {
      at,
      company: world.pick(companies),
      person: world.pick(people),
      subjects,
      cases,
    });
    cases.push(one);
    if (world.chance(0.2)) {
      world.add('queueitem', {
        queueid: queue,
        objectid: { table: 'incident', id: one.id },
        objecttypecode: 112,
        title: one.name,
        enteredon: instant(one.createdMs),
      });
    }
  }
  return cases;
}

interface CaseContext {
  readonly at: number;
  readonly company: DemoRow;
  readonly person: DemoRow;
  readonly subjects: readonly Reference[];
  readonly cases: readonly DemoRow[];
}

function addCase(
  world: DemoWorld,
  platform: Platform,
  { at, company, person, subjects, cases }: CaseContext,
): DemoRow {
  const { faker } = world;
  const byCompany = world.chance(0.7);
  const { owner, createdMs, values } = authorship(world, platform, (byCompany ? company : person).createdMs);
  const [state, status] = world.pick(STATES);
  const name = `${faker.hacker.ingverb()} ${faker.hacker.noun()} fails`;
  const row = world.add('incident', {
    ...values,
    title: name,
    ticketnumber: `CAS-${String(1000 + at).padStart(5, '0')}-${faker.string.alphanumeric({ length: 6, casing: 'upper' })}`,
    customerid: byCompany ? { table: 'account', id: company.id } : { table: 'contact', id: person.id },
    primarycontactid: world.maybe(byCompany ? 0.6 : 0, () => ({ table: 'contact', id: person.id })),
    subjectid: world.maybe(0.7, () => world.pick(subjects)),
    parentcaseid: world.maybe(cases.length > 3 ? 0.1 : 0, () => ({
      table: 'incident',
      id: world.pick(cases).id,
    })),
    prioritycode: world.pick([1, 2, 3]),
    caseorigincode: world.pick([1, 2, 3]),
    casetypecode: world.maybe(0.7, () => world.pick([1, 2, 3])),
    severitycode: 1,
    description: world.maybe(0.8, () => faker.lorem.paragraphs(3, '\n\n')),
    escalatedon: world.maybe(0.1, () => instant(world.momentMs(createdMs))),
    isescalated: false,
    statecode: state,
    statuscode: status,
  });
  return { ...row, name, owner, createdMs };
}

/** Connections come as two mirrored rows, as the service keeps them. */
export function addConnections(
  world: DemoWorld,
  platform: Platform,
  companies: readonly DemoRow[],
  people: readonly DemoRow[],
): void {
  const roles = ['Reseller', 'Consultant'].map((name) =>
    world.add('connectionrole', { name, category: 1, statecode: 0, statuscode: 1 }),
  );
  const [forth, back] = roles;
  for (let at = 0; at < world.count(8); at++) {
    const company = world.pick(companies);
    const person = world.pick(people);
    const [id, mirror] = [world.id(), world.id()];
    const { values } = authorship(world, platform, Math.max(company.createdMs, person.createdMs));
    const end = (own: string, other: string, one: DemoRow, two: DemoRow, master: boolean): void => {
      world.add('connection', {
        ...values,
        connectionid: own,
        relatedconnectionid: { table: 'connection', id: other },
        record1id: { table: one.table, id: one.id },
        record2id: { table: two.table, id: two.id },
        record1roleid: master ? forth : back,
        record2roleid: master ? back : forth,
        name: two.name,
        ismaster: master,
        statecode: 0,
        statuscode: 1,
      });
    };
    end(id, mirror, company, person, true);
    end(mirror, id, person, company, false);
  }
}
