import { clock } from '../../../test/support/world.ts';
import { tokenSource } from './tokens.ts';

/** In a file of its own: msal-node decides once in a process where the identity comes from. */
test('on a virtual machine the metadata service is asked, once for many who come together, and nobody else', async () => {
  const asked: string[] = [];
  const answering: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    asked.push(url.origin);
    const isMetadata = new Headers(init?.headers).get('metadata') === 'true';
    const body = {
      access_token: 'of-the-machine',
      expires_in: '3600',
      expires_on: String(Math.floor(Date.now() / 1000) + 3600),
    };
    return Promise.resolve(Response.json(isMetadata ? body : {}, { status: isMetadata ? 200 : 400 }));
  };
  const tokens = tokenSource({
    credential: { kind: 'managed-identity' },
    tenantId: '',
    url: 'https://name.crm4.dynamics.com',
    fetch: answering,
    clock,
  });
  const many = await Promise.all([tokens.token(), tokens.token(), tokens.token()]);
  expect(many).toEqual(['of-the-machine', 'of-the-machine', 'of-the-machine']);
  expect(asked).toEqual(['http://169.254.169.254']);
});
