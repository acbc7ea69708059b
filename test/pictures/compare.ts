import pixelmatch from 'pixelmatch';
import sharp from 'sharp';

/** What differs, in words; and both pictures and what is different, side by side, as a PNG. */
export type Difference = { readonly what: string; readonly picture: () => Promise<Buffer> };

/** Side of a cell in pixels: about a letter of running text. */
const cell = 4;
/** How far the mean of a cell may be off. Letters drawn a little bolder stay below; a missing word does not. */
const meanOff = 0.06;
/** How far a pixel may be off to be the same colour. */
const pixelOff = 0.025;
/** So many cells may differ: a line that falls on the other side of a pixel. */
const few = 6;
/** Rows a picture may be longer or shorter, for a browser rounds heights its own way. */
const rows = 2;

/**
 * Whether two pictures show the same to a person. Where builds of a browser draw the edges of letters differently, the
 * mean of a few pixels stays as it is; and where nothing is written every pixel does.
 * @param expected a PNG
 * @param actual a PNG
 */
export async function compare(expected: Buffer, actual: Buffer): Promise<Difference | null> {
  const [before, after] = [await sharp(expected).metadata(), await sharp(actual).metadata()];
  const picture = () => sideBySide(expected, actual);
  if (before.width !== after.width || Math.abs(before.height - after.height) > rows)
    return {
      what: `is ${after.width} × ${after.height} pixels, was ${before.width} × ${before.height}`,
      picture,
    };
  const size = { width: before.width, height: Math.min(before.height, after.height) };
  const [was, is] = [await pixelsOf(expected, size), await pixelsOf(actual, size)];
  const places = [
    ...(await cellsWithAnotherMean(was, is, size)),
    ...(await cellsInAnotherColour(was, is, size)),
  ];
  if (places.length <= few) return null;
  return { what: `looks different in ${places.length} places`, picture };
}

type Size = { readonly width: number; readonly height: number };

const pixelsOf = (picture: Buffer, size: Size) =>
  sharp(picture)
    .extract({ left: 0, top: 0, ...size })
    .ensureAlpha()
    .raw()
    .toBuffer();

/** Reduced to one pixel a cell, its mean. */
const meansOf = (pixels: Buffer, { width, height }: Size) =>
  sharp(pixels, { raw: { width, height, channels: 4 } })
    .resize(Math.ceil(width / cell), Math.ceil(height / cell), { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();

async function cellsWithAnotherMean(was: Buffer, is: Buffer, size: Size) {
  const [before, after] = [await meansOf(was, size), await meansOf(is, size)];
  return marked(differing(before, after, inCells(size), meanOff), 0);
}

async function cellsInAnotherColour(before: Buffer, after: Buffer, size: Size) {
  return marked(await meansOf(differing(before, after, size, pixelOff), size), wholly);
}

const inCells = ({ width, height }: Size): Size => ({
  width: Math.ceil(width / cell),
  height: Math.ceil(height / cell),
});
/** Opacity of a mask's mean where the whole cell is different. */
const wholly = 240;

/** RGBA that is opaque where two pictures differ. */
function differing(before: Buffer, after: Buffer, { width, height }: Size, threshold: number) {
  const mask = Buffer.alloc(before.length);
  pixelmatch(before, after, mask, width, height, { threshold, includeAA: true, diffMask: true });
  return mask;
}

/** Indices of the pixels of RGBA that are more opaque than this. */
function marked(mask: Buffer, opacity: number): number[] {
  const found: number[] = [];
  for (let at = 3; at < mask.length; at += 4) if ((mask[at] ?? 0) > opacity) found.push(at);
  return found;
}

/** Expected, actual, and what is different in red. */
async function sideBySide(expected: Buffer, actual: Buffer): Promise<Buffer> {
  const [before, after] = [await sharp(expected).metadata(), await sharp(actual).metadata()];
  const width = Math.max(before.width, after.width);
  const height = Math.max(before.height, after.height);
  const same = async (picture: Buffer, own: Size) =>
    sharp(picture)
      .extend({ right: width - own.width, bottom: height - own.height, background: '#808080' })
      .ensureAlpha()
      .raw()
      .toBuffer();
  const [left, middle] = [await same(expected, before), await same(actual, after)];
  const right = Buffer.alloc(left.length);
  pixelmatch(left, middle, right, width, height, { threshold: pixelOff, includeAA: true });
  const raw = { width, height, channels: 4 } as const;
  return sharp({ create: { ...raw, width: 3 * width + 40, background: '#808080' } })
    .composite(
      [left, middle, right].map((input, index) => ({
        input,
        raw,
        left: index * (width + 20),
        top: 0,
      })),
    )
    .png()
    .toBuffer();
}
