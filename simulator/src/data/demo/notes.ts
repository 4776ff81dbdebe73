import { authorship } from './companies.ts';
import type { Platform } from './platform-rows.ts';
import { pdfPage, pngGradient } from './small-files.ts';
import type { DemoRow, DemoWorld } from './world.ts';

interface NoteFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** Notes, most of them text alone, the others with a text, picture or PDF file. */
export function addNotes(
  world: DemoWorld,
  platform: Platform,
  subjects: readonly DemoRow[],
  count: number,
): void {
  for (let at = 0; at < count; at++) {
    const subject = world.pick(subjects);
    const { values } = authorship(world, platform, subject.createdMs);
    const file = world.chance(0.5) ? noteFile(world, subject) : undefined;
    world.add('annotation', {
      ...values,
      subject: world.maybe(0.8, () => world.faker.lorem.sentence(4)),
      notetext: world.maybe(0.9, () => world.faker.lorem.paragraphs(2, '\r\n')),
      objectid: { table: subject.table, id: subject.id },
      objecttypecode: subject.table,
      isdocument: file !== undefined,
      ...(file && {
        filename: file.name,
        mimetype: file.mimeType,
        filesize: file.bytes.length,
        documentbody: Buffer.from(file.bytes).toString('base64'),
      }),
    });
  }
}

function noteFile(world: DemoWorld, subject: DemoRow): NoteFile {
  const number = world.faker.number.int({ min: 1, max: 999 });
  return world.pick<() => NoteFile>([
    () => ({
      name: `photo-${number}.png`,
      mimeType: 'image/png',
      bytes: pngGradient(48, 32, [number % 256, 60, 200]),
    }),
    () => ({
      name: `Angebot Nr. ${number}.pdf`,
      mimeType: 'application/pdf',
      bytes: pdfPage(`${subject.name} #${number}`),
    }),
    () => ({
      name: 'minutes.txt',
      mimeType: 'text/plain',
      bytes: new TextEncoder().encode(`${world.faker.lorem.lines(6)}\r\n— naïve café\n`),
    }),
    // The same bytes on many notes: stored once by whoever looks at the content.
    () => ({ name: 'terms.pdf', mimeType: 'application/pdf', bytes: pdfPage('General terms') }),
  ])();
}
