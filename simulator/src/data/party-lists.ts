import type { ColumnDefinition } from '../model/definitions.ts';
import { defineColumn } from './define-column.ts';

/** Party lists are columns of the metadata and never properties: their rows are in `activityparty`. */
const PARTY_LISTS: Readonly<
  Record<string, readonly (readonly [name: string, schema: string, label: string])[]>
> = {
  email: [
    ['from', 'From', 'From'],
    ['to', 'To', 'To'],
    ['cc', 'Cc', 'Cc'],
    ['bcc', 'Bcc', 'Bcc'],
  ],
  phonecall: [
    ['from', 'From', 'Call From'],
    ['to', 'To', 'Call To'],
  ],
  letter: [
    ['from', 'From', 'Sender'],
    ['to', 'To', 'Recipient'],
    ['bcc', 'Bcc', 'BCC'],
  ],
  fax: [
    ['from', 'From', 'Sender'],
    ['to', 'To', 'Recipient'],
  ],
  appointment: [
    ['organizer', 'Organizer', 'Organizer'],
    ['requiredattendees', 'RequiredAttendees', 'Required Attendees'],
    ['optionalattendees', 'OptionalAttendees', 'Optional Attendees'],
  ],
  recurringappointmentmaster: [
    ['organizer', 'Organizer', 'Organizer'],
    ['requiredattendees', 'RequiredAttendees', 'Required Attendees'],
    ['optionalattendees', 'OptionalAttendees', 'Optional Attendees'],
  ],
  campaignactivity: [
    ['from', 'From', 'Sender'],
    ['partners', 'Partners', 'Outsource Vendors'],
  ],
  campaignresponse: [
    ['customer', 'Customer', 'Customer'],
    ['from', 'From', 'From'],
    ['partner', 'Partner', 'Outsource Vendor'],
  ],
  serviceappointment: [
    ['customers', 'Customers', 'Customers'],
    ['organizer', 'Organizer', 'Organizer'],
    ['resources', 'Resources', 'Resources'],
  ],
  socialactivity: [
    ['from', 'From', 'From'],
    ['to', 'To', 'To'],
  ],
};

export function partyLists(table: string): ColumnDefinition[] {
  return (PARTY_LISTS[table] ?? []).map(([name, schemaName, displayName]) =>
    defineColumn(table, {
      name,
      schemaName,
      displayName,
      type: 'PartyListType',
      targets: ['account', 'contact', 'lead', 'queue', 'systemuser'],
    }),
  );
}
