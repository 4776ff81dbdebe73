import { about } from './about.ts';

/** `apiProperties.json`: how a connection signs in, and which service it reaches. Holds no secret. */
export function apiProperties(): Record<string, unknown> {
  return {
    properties: {
      iconBrandColor: about.brandColor,
      publisher: about.publisher,
      stackOwner: about.stackOwner,
      capabilities: [],
      connectionParameters: {
        token: signIn,
        'token:TenantId': {
          type: 'string',
          metadata: { sourceType: 'AzureActiveDirectoryTenant' },
          uiDefinition: { constraints: { required: 'false', hidden: 'true' } },
        },
        hostUrl,
      },
      policyTemplateInstances: [
        {
          templateId: 'dynamichosturl',
          title: 'Address of the Rowback service',
          parameters: { 'x-ms-apimTemplateParameter.urlTemplate': "@connectionParameters('hostUrl')" },
        },
      ],
    },
  };
}

export function settings(): Record<string, unknown> {
  return {
    apiProperties: 'apiProperties.json',
    apiDefinition: 'apiDefinition.swagger.json',
    icon: 'icon.png',
    powerAppsUrl: 'https://api.powerapps.com',
    powerAppsApiVersion: '2016-11-01',
  };
}

const signIn = {
  type: 'oauthSetting',
  oAuthSettings: {
    identityProvider: 'aad',
    clientId: about.clientId,
    scopes: [about.scope],
    // The platform gives each connector a redirect address of its own after the first import.
    redirectMode: 'GlobalPerConnector',
    properties: {
      IsFirstParty: 'False',
      AzureActiveDirectoryResourceId: about.resource,
      IsOnbehalfofLoginSupported: true,
    },
    customParameters: {
      loginUri: { value: about.loginUri },
      tenantId: { value: 'common' },
      resourceUri: { value: about.resource },
      enableOnbehalfOfLogin: { value: 'true' },
    },
  },
  uiDefinition: {
    displayName: 'Sign in',
    description: 'Sign in with your work account. You need a role of Rowback.',
    tooltip: 'Sign in with your work account',
    constraints: { required: 'true', hidden: 'false' },
  },
};

const hostUrl = {
  type: 'string',
  uiDefinition: {
    displayName: 'Service Address',
    description: 'Address of your Rowback service, such as https://backup.contoso.com.',
    tooltip: 'Address of your Rowback service, with https and without a path',
    constraints: { required: 'true' },
  },
};
