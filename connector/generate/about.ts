/** What the connector says of itself. Whoever deploys it puts their own ids into the places of the zeros. */

const clientId = '00000000-0000-0000-0000-000000000000';
const resource = `api://${clientId}`;

export const about = {
  title: 'Rowback',
  description:
    'Backs up the rows of your environments into your own storage, shows the history of a record, and puts back what went wrong: a column, a record, or one that was deleted.',
  version: '0.1.0',
  contact: {
    name: 'Rowback',
    url: 'https://rowback.example.com/support',
    email: 'support@rowback.example.com',
  },
  /** Only a placeholder: each connection names the address of its own service. */
  host: 'rowback.example.com',
  loginUri: 'https://login.windows.net',
  clientId,
  resource,
  scope: `${resource}/access_as_user`,
  publisher: 'Rowback',
  stackOwner: 'Rowback',
  brandColor: '#0f6cbd',
  metadata: [
    { propertyName: 'Website', propertyValue: 'https://rowback.example.com' },
    { propertyName: 'Privacy policy', propertyValue: 'https://rowback.example.com/privacy' },
    { propertyName: 'Categories', propertyValue: 'Data;IT Operations' },
  ],
} as const;
