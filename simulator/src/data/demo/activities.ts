import { authorship } from './companies.ts';
import type { Platform } from './platform-rows.ts';
import { pdfPage, pngGradient } from './small-files.ts';
import { instant, type DemoRow, type DemoWorld, type Reference } from './world.ts';

/** Participation types of activity parties. */
const MASK = {
  from: 1,
  to: 2,
  cc: 3,
  required: 5,
  optional: 6,
  organizer: 7,
  regarding: 8,
  owner: 9,
} as const;

interface Cast {
  readonly platform: Platform;
  readonly people: readonly DemoRow[];
  readonly subjects: readonly DemoRow[];
}

/** Tasks, calls, mails and appointments, each with its parties. */
export function addActivities(world: DemoWorld, cast: Cast): DemoRow[] {
  const make = (count: number, one: (world: DemoWorld, cast: Cast) => DemoRow): DemoRow[] =>
    Array.from({ length: world.count(count) }, () => one(world, cast));
  return [...make(50, addTask), ...make(35, addCall), ...make(45, addMail), ...make(20, addAppointment)];
}

interface Common {
  readonly activity: DemoRow;
  readonly values: Readonly<Record<string, Reference | string>>;
  readonly regarding: Reference | undefined;
}

function common(world: DemoWorld, { platform, subjects }: Cast, table: string, name: string): Common {
  const subject = world.chance(0.85) ? world.pick(subjects) : undefined;
  const { owner, createdMs, values } = authorship(world, platform, subject?.createdMs);
  const activity = { table, id: world.id(), name, owner, createdMs };
  return {
    activity,
    values: { ...values, activityid: activity.id, subject: name },
    regarding: subject && { table: subject.table, id: subject.id },
  };
}

function addTask(world: DemoWorld, cast: Cast): DemoRow {
  const { activity, values, regarding } = common(
    world,
    cast,
    'task',
    `${world.faker.word.verb()} ${world.faker.commerce.productAdjective().toLowerCase()} papers`,
  );
  const [state, status] = world.pick([
    [0, 2],
    [0, 3],
    [0, 7],
    [1, 5],
    [2, 6],
  ] as const);
  world.add('task', {
    ...values,
    regardingobjectid: regarding,
    description: world.maybe(0.6, () => world.faker.lorem.sentences(2, '\r\n')),
    scheduledend: world.maybe(0.8, () => instant(activity.createdMs + 7 * 86_400_000)),
    actualend: state === 1 ? instant(world.momentMs(activity.createdMs)) : undefined,
    percentcomplete: state === 1 ? 100 : world.maybe(0.4, () => world.pick([10, 25, 50])),
    actualdurationminutes: world.maybe(0.5, () => world.pick([15, 30, 60])),
    prioritycode: world.pick([0, 1, 1, 2]),
    statecode: state,
    statuscode: status,
  });
  derivedParties(world, activity, regarding);
  return activity;
}

function addCall(world: DemoWorld, cast: Cast): DemoRow {
  const person = world.pick(cast.people);
  const { activity, values, regarding } = common(world, cast, 'phonecall', `Call with ${person.name}`);
  const outgoing = world.chance(0.6);
  const [state, status] = world.pick([
    [0, 1],
    [1, 2],
    [1, 4],
    [2, 3],
  ] as const);
  world.add('phonecall', {
    ...values,
    regardingobjectid: regarding,
    directioncode: outgoing,
    phonenumber: world.faker.phone.number(),
    description: world.maybe(0.5, () => world.faker.lorem.paragraph()),
    scheduledend: instant(activity.createdMs + 86_400_000),
    actualdurationminutes: world.maybe(0.5, () => world.faker.number.int({ min: 1, max: 55 })),
    leftvoicemail: world.chance(0.1),
    prioritycode: 1,
    statecode: state,
    statuscode: status,
  });
  party(world, activity, outgoing ? MASK.from : MASK.to, sellerOf(world, cast, activity));
  party(world, activity, outgoing ? MASK.to : MASK.from, person);
  derivedParties(world, activity, regarding);
  return activity;
}

function addMail(world: DemoWorld, cast: Cast): DemoRow {
  const people = world.some(cast.people, world.pick([1, 1, 2]));
  const { activity, values, regarding } = common(
    world,
    cast,
    'email',
    `${world.chance(0.3) ? 'Re: ' : ''}${world.faker.lorem.sentence(5)}`,
  );
  const outgoing = world.chance(0.6);
  const [state, status] = outgoing
    ? world.pick([
        [0, 1],
        [1, 3],
        [1, 3],
      ] as const)
    : ([1, 4] as const);
  const addresses = people.map((person) => mailOf(person));
  world.add('email', {
    ...values,
    regardingobjectid: regarding,
    directioncode: outgoing,
    sender: outgoing ? 'sales@lindqvist.example' : addresses[0],
    torecipients: outgoing ? `${addresses.join(';')};` : 'sales@lindqvist.example;',
    description: `<html><body><p>${world.faker.lorem.paragraphs(2, '</p>\r\n<p>')}</p><p>Grüße</p></body></html>`,
    senton: state === 1 ? instant(activity.createdMs) : undefined,
    actualend: state === 1 ? instant(activity.createdMs) : undefined,
    messageid: state === 1 ? `<${world.faker.string.alphanumeric(24)}@mail.example>` : undefined,
    readreceiptrequested: false,
    prioritycode: 1,
    statecode: state,
    statuscode: status,
  });
  party(
    world,
    activity,
    outgoing ? MASK.from : MASK.to,
    sellerOf(world, cast, activity),
    'sales@lindqvist.example',
  );
  for (const [at, person] of people.entries()) {
    const mask = at > 0 ? MASK.cc : outgoing ? MASK.to : MASK.from;
    party(world, activity, mask, person, addresses[at]);
  }
  // An address that belongs to nobody in the system.
  if (world.chance(0.15))
    party(
      world,
      activity,
      MASK.cc,
      undefined,
      `unknown-${world.faker.string.alphanumeric(4)}@elsewhere.example`,
    );
  if (world.chance(0.2)) addAttachment(world, activity);
  derivedParties(world, activity, regarding);
  return activity;
}

function mailOf(person: DemoRow): string {
  return `${person.id.slice(0, 8)}@people.example`;
}

function addAttachment(world: DemoWorld, mail: DemoRow): void {
  const picture = world.chance(0.5);
  const bytes = picture ? pngGradient(32, 32, [20, 90, 160]) : pdfPage(mail.name);
  world.add('activitymimeattachment', {
    objectid: { table: 'email', id: mail.id },
    objecttypecode: 'email',
    attachmentnumber: 1,
    filename: picture ? 'Übersicht.png' : 'offer.pdf',
    mimetype: picture ? 'image/png' : 'application/pdf',
    filesize: bytes.length,
    body: Buffer.from(bytes).toString('base64'),
  });
}

function addAppointment(world: DemoWorld, cast: Cast): DemoRow {
  const people = world.some(cast.people, 2);
  const { activity, values, regarding } = common(
    world,
    cast,
    'appointment',
    `Meeting about ${world.faker.commerce.department()}`,
  );
  const startMs =
    Math.floor((activity.createdMs + world.faker.number.int({ min: 1, max: 30 }) * 86_400_000) / 1_800_000) *
    1_800_000;
  const [state, status] = world.pick([
    [3, 5],
    [3, 6],
    [0, 1],
    [1, 3],
    [2, 4],
  ] as const);
  world.add('appointment', {
    ...values,
    regardingobjectid: regarding,
    location: world.pick(['Teams', 'Café Central', 'Room 2.14', 'Malmö office']),
    scheduledstart: instant(startMs),
    scheduledend: instant(startMs + 3_600_000),
    scheduleddurationminutes: 60,
    isalldayevent: false,
    description: world.maybe(0.5, () => world.faker.lorem.sentences(2)),
    prioritycode: 1,
    statecode: state,
    statuscode: status,
  });
  party(world, activity, MASK.organizer, sellerOf(world, cast, activity));
  for (const [at, person] of people.entries())
    party(world, activity, at === 0 ? MASK.required : MASK.optional, person);
  derivedParties(world, activity, regarding);
  return activity;
}

/** A team owns some activities; people speak for it. */
function sellerOf(world: DemoWorld, { platform }: Cast, activity: DemoRow): Reference {
  return activity.owner.table === 'systemuser' ? activity.owner : world.pick(platform.sellers);
}

function party(
  world: DemoWorld,
  activity: DemoRow,
  mask: number,
  who: Reference | undefined,
  addressused?: string,
): void {
  world.add('activityparty', {
    activityid: { table: activity.table, id: activity.id },
    partyid: who && { table: who.table, id: who.id },
    participationtypemask: mask,
    addressused,
    ownerid: activity.owner,
    ispartydeleted: false,
  });
}

/** The platform keeps parties for what the activity regards and for its owner; a team is no party. */
function derivedParties(world: DemoWorld, activity: DemoRow, regarding: Reference | undefined): void {
  if (regarding) party(world, activity, MASK.regarding, regarding);
  if (activity.owner.table === 'systemuser') party(world, activity, MASK.owner, activity.owner);
}
