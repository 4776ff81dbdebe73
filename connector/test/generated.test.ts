import { PNG } from 'pngjs';
import { readFileSync } from 'node:fs';
import { about } from '../generate/about.ts';
import { generatedTexts } from '../generate/files.ts';
import { drawIcon, iconSize } from '../generate/icon.ts';
import { pathOf, textOf } from './support/files.ts';

test('the files in the repository are what the contract gives now: npm run generate -w connector', async () => {
  for (const [name, text] of Object.entries(await generatedTexts())) expect(textOf(name)).toBe(text);
});

describe('the icon', () => {
  const icon = PNG.sync.read(readFileSync(pathOf('icon.png')));
  const pixel = (x: number, y: number): readonly number[] => {
    const at = (y * icon.width + x) * 4;
    return [...icon.data.subarray(at, at + 4)];
  };

  test('is the drawing in the source', () => {
    // Pixels, not bytes: two versions of zlib may pack the same picture differently.
    expect(Buffer.compare(icon.data, drawIcon().data)).toBe(0);
  });

  test('is a square of 230 pixels whose corners have the brand colour, which no other publisher owns', () => {
    expect([icon.width, icon.height]).toEqual([iconSize, iconSize]);
    const brand = [1, 3, 5].map((at) => Number.parseInt(about.brandColor.slice(at, at + 2), 16));
    for (const [x, y] of [
      [0, 0],
      [229, 0],
      [0, 229],
      [229, 229],
    ] as const) {
      expect(pixel(x, y)).toEqual([...brand, 255]);
    }
    const { properties } = JSON.parse(textOf('apiProperties.json'));
    expect(properties.iconBrandColor).toBe(about.brandColor);
    expect(['#007ee5', '#ffffff', '#da3b01']).not.toContain(about.brandColor);
  });
});
