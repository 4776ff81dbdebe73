import { PNG } from 'pngjs';
import { about } from './about.ts';

export const iconSize = 230;

const center = iconSize / 2;
const radius = 66;
const halfStroke = 9;
const samples = 4;

/** The icon: a clock whose ring runs backwards, white on the brand's colour. Drawn here so that it can be changed. */
export function drawIcon(): PNG {
  const png = new PNG({ width: iconSize, height: iconSize });
  const brand = [1, 3, 5].map((at) => Number.parseInt(about.brandColor.slice(at, at + 2), 16));
  for (let y = 0; y < iconSize; y += 1) {
    for (let x = 0; x < iconSize; x += 1) {
      const white = coverage(x, y);
      const at = (y * iconSize + x) * 4;
      brand.forEach((channel, index) => {
        png.data[at + index] = Math.round(channel + (255 - channel) * white);
      });
      png.data[at + 3] = 255;
    }
  }
  return png;
}

/** Share of the pixel that is white, 0 to 1: edges are smooth. */
function coverage(x: number, y: number): number {
  let hits = 0;
  for (let j = 0; j < samples; j += 1) {
    for (let i = 0; i < samples; i += 1) {
      if (isWhite(x + (i + 0.5) / samples - center, y + (j + 0.5) / samples - center)) hits += 1;
    }
  }
  return hits / samples ** 2;
}

/** Coordinates from the centre, y downwards. */
function isWhite(x: number, y: number): boolean {
  return onRing(x, y) || onArrow(x, y) || onHand(x, y, 0, -40) || onHand(x, y, 28, 16);
}

/** The ring is open from nine to half past ten; it begins where the arrow is as wide as the ring. */
function onRing(x: number, y: number): boolean {
  const inGap = x < 0 && y < -3 && -y < -x * 1.2;
  return !inGap && Math.abs(Math.hypot(x, y) - radius) <= halfStroke;
}

/** A triangle at nine o'clock that points down, against the clock. */
function onArrow(x: number, y: number): boolean {
  const down = y + 12;
  return down >= -16 && down <= 20 && Math.abs(x + radius) <= ((20 - down) / 36) * 30;
}

function onHand(x: number, y: number, endX: number, endY: number): boolean {
  const along = Math.min(1, Math.max(0, (x * endX + y * endY) / (endX ** 2 + endY ** 2)));
  return Math.hypot(x - along * endX, y - along * endY) <= halfStroke - 2;
}
