import { strToU8, zipSync } from 'fflate';
import { startClient } from './support/client.ts';

test('what is no solution is refused, and nothing changes', async () => {
  const client = await startClient();
  const CustomizationFile = Buffer.from(zipSync({ 'a.txt': strToU8('x') })).toString('base64');
  const before = client.server.environment.metadataVersion;
  const answer = await client.post('ImportSolution', {
    CustomizationFile,
    OverwriteUnmanagedCustomizations: true,
    PublishWorkflows: true,
  });
  expect(answer).toMatchObject({ status: 400, code: '0x80048060' });
  expect(client.server.environment.metadataVersion).toBe(before);
  expect((await client.post('PublishAllXml', {})).status).toBe(204);
  await client.close();
});
