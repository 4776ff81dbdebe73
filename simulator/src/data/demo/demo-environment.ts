import type { SchemaDefinition } from '../../model/definitions.ts';
import type { Seed } from '../../model/seed.ts';
import { completeEnvironment } from '../complete-environment.ts';
import { addActivities } from './activities.ts';
import { addCompanies, addPeople } from './companies.ts';
import { specialRows, withPlatformTables, withSpecialKinds } from '../special/index.ts';
import { demoSchema } from './demo-schema.ts';
import { addNotes } from './notes.ts';
import { addPlatform, salespersonRole } from './platform-rows.ts';
import { addEvents, addSamples } from './samples.ts';
import { addLeads, addMarketing, addOpportunities } from './sales.ts';
import { addCases, addConnections } from './service.ts';
import { DemoWorld, instant } from './world.ts';

export interface DemoOptions {
  /** The same seed makes the same environment, to the last byte. */
  readonly seed?: number;
  /** 1 is about a thousand rows; everything but users, currencies and events grows with it. */
  readonly size?: number;
  /** Rows are created and changed in the two years before this instant. */
  readonly nowMs?: number;
  /** Adds tables of every kind that is unlike the others, and the settings of recycle bin and retention. */
  readonly special?: boolean;
}

const DEFAULTS = { seed: 2026, size: 1, nowMs: Date.UTC(2026, 5, 30, 12), special: false };

/** A company's environment as users leave it: sales, service, activities, notes, files, links. */
export function demoEnvironment(
  base: SchemaDefinition,
  options: DemoOptions = {},
): { schema: SchemaDefinition; seed: Seed } {
  const own = demoSchema(base);
  const special = options.special === true;
  const schema = special ? withSpecialKinds(withPlatformTables(own)) : own;
  const world = new DemoWorld(schema, { ...DEFAULTS, ...options });
  const platform = addPlatform(world);
  const companies = addCompanies(world, platform);
  const people = addPeople(world, platform, companies);
  const opportunities = addOpportunities(world, platform, companies, people);
  const leads = addLeads(world, platform, people);
  const cases = addCases(world, platform, companies, people);
  const samples = addSamples(world, platform, { companies, people, opportunities });
  const subjects = [...companies, ...people, ...opportunities, ...leads, ...cases, ...samples.slice(0, 10)];
  const activities = addActivities(world, { platform, people, subjects });
  addNotes(world, platform, [...subjects, ...activities.slice(0, 20)], world.count(70));
  addConnections(world, platform, companies, people);
  addMarketing(world, platform, people);
  addEvents(world, people);
  const seed = completeEnvironment(schema, {
    rows: special ? [...world.rows, ...specialRows()] : world.rows,
    links: world.links,
    users: platform.users,
    roles: [salespersonRole(schema)],
    name: 'Lindqvist Group',
    instant: instant(world.nowMs - 2 * 365 * 86_400_000),
  });
  return { schema, seed };
}
